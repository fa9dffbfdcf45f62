//! What a front end gets and gives through an endpoint: who it is, by its key and its session; which objects it may see;
//! which fields of them.

use std::collections::HashMap;

use campanile_store::{AppNumber, Comparison, Condition, ObjectQuery, Operand, Place, Tx, View};
use serde_json::{Map, Value};

use super::{
    Data, Event, ObjectPage, Result,
    endpoints::{self, Access, EndpointSettings, PAGE_SIZE_MAX, texts},
    objects::{Given, Object},
    query::{Filter, read_sort},
    structures::{self, Definition},
    templates::{self, Filled, Request},
    writes::{Cause, Write, Writer},
};
use crate::{
    accounts::{AccountError, Code},
    badge::Member,
};

/// A call of an endpoint.
#[derive(Clone, Debug, Default)]
pub struct EndpointCall {
    /// The API key.
    pub app_key: String,
    /// The token of a session.
    pub session: Option<String>,
    /// The structure.
    pub structure: String,
    /// The endpoint's name.
    pub method: String,
    /// Everything that came in the query.
    pub parameters: HashMap<String, String>,
    /// The order that is wished for.
    pub sort: String,
    /// Which part, counted from 0.
    pub page: u32,
    /// Objects in one, if the caller says.
    pub page_size: Option<u32>,
}

/// An object that was saved through an endpoint.
#[derive(Clone, Debug)]
pub struct Saved {
    /// What its caller may see of it.
    pub shown: Value,
    pub(crate) app: AppNumber,
    /// All of it.
    pub(crate) object: Value,
    /// The fields that the caller has sent.
    pub(crate) sent: Vec<String>,
    /// The user who is the caller.
    pub(crate) user: Option<Member>,
}

/// A call, with what is known of its caller.
struct Known {
    call: EndpointCall,
    app: AppNumber,
    user: Option<Member>,
}

/// An endpoint, and the caller of it.
struct Way<'a> {
    known: &'a Known,
    settings: EndpointSettings,
    definition: Definition,
}

impl Data {
    /// What an endpoint shows.
    ///
    /// # Errors
    /// `app_not_found`, `endpoint_not_found`, `forbidden`, `invalid_payload`.
    pub async fn call_to_read(&self, call: EndpointCall) -> Result<ObjectPage> {
        let known = self.known(call).await?;
        self.read(move |view| known.way(view)?.list(view)).await
    }

    /// Writes objects through an endpoint, all or none: those that are there are changed, the others created. `then` is
    /// called with each in the same transaction. Returns what the caller may see of them, and what `then` did.
    ///
    /// # Errors
    /// `app_not_found`, `endpoint_not_found`, `forbidden`, `invalid_payload`, `limit_reached`, `overloaded`.
    pub async fn call_to_write<T: Send + 'static>(
        &self,
        call: EndpointCall,
        objects: Vec<Map<String, Value>>,
        then: impl Fn(&mut Tx<'_>, &Saved) -> Result<T> + Send + 'static,
    ) -> Result<Vec<(Saved, T)>> {
        let known = self.known(call).await?;
        let (app, options, now_ms) = (known.app, self.options.clone(), self.accounts.now_ms());
        self.check_count(objects.len())?;
        let work = move |tx: &mut Tx<'_>| -> Result<Vec<(Saved, T)>> {
            let way = known.way(tx)?;
            let cause = known.cause(now_ms);
            let (options, structure) = (&*options, &known.call.structure);
            let mut writer = Writer { tx, options, cause: &cause, structure, definition: &way.definition };
            let mut save = |object| {
                let saved = way.save(&mut writer, object)?;
                let done = then(writer.tx, &saved)?;
                Ok((saved, done))
            };
            objects.into_iter().map(&mut save).collect()
        };
        let written = self.accounts.store().write_by_rules(work).await?;
        self.bells.ring(app);
        Ok(written)
    }

    /// What the caller of an endpoint may see by now of objects that it has saved; those that are gone are left out.
    ///
    /// # Errors
    /// `app_not_found`, `endpoint_not_found`.
    pub(crate) async fn show_again(&self, call: EndpointCall, saved: Vec<Saved>) -> Result<Vec<Value>> {
        let known = self.known(call).await?;
        self.read(move |view| {
            let way = known.way(view)?;
            let found = saved.into_iter().map(|saved| way.show_again(view, &saved));
            found.filter_map(Result::transpose).collect()
        })
        .await
    }

    /// A session that is over is none: who it was may still do what anybody may.
    async fn known(&self, call: EndpointCall) -> Result<Known> {
        let entry = self.accounts.entry_by_key(&call.app_key)?;
        let user = match &call.session {
            None => None,
            Some(token) => match self.accounts.member(&entry, token).await {
                Ok(member) => Some(member),
                Err(error) if matches!(error.code, Code::SessionInvalid | Code::SessionExpired) => None,
                Err(error) => return Err(error),
            },
        };
        Ok(Known { call, app: AppNumber(entry.number.0), user })
    }
}

impl Known {
    fn way(&self, view: &View<'_>) -> Result<Way<'_>> {
        let EndpointCall { structure, method, .. } = &self.call;
        let found = view.endpoint(self.app, structure, method)?;
        let endpoint = found.ok_or_else(|| endpoints::not_found(structure, method))?;
        let definition = structures::load(view, self.app, structure)?;
        Ok(Way { known: self, settings: endpoints::settings(&endpoint), definition })
    }

    fn cause(&self, now_ms: i64) -> Cause {
        let user = self.user.as_ref().map(|user| user.user_id.to_string());
        let actor = user.as_ref().map_or_else(|| "anonymous".to_owned(), |user| format!("user:{user}"));
        Cause { app: self.app, actor, user, depth: 0, now_ms, event: Event::Raised }
    }

    fn user(&self) -> Option<&Member> {
        self.user.as_ref()
    }

    fn forbidden(&self) -> AccountError {
        let message = match self.user {
            Some(_) => "the user may not do this",
            None => "this needs the session of a user",
        };
        AccountError::new(Code::Forbidden, message)
    }
}

impl Way<'_> {
    fn list(&self, view: &View<'_>) -> Result<ObjectPage> {
        let call = &self.known.call;
        let condition = self.readable()?.ok_or_else(|| self.known.forbidden())?;
        let page_size = call.page_size.unwrap_or(self.settings.page_size()).clamp(1, PAGE_SIZE_MAX);
        let query = ObjectQuery {
            condition,
            sort: self.sort(&call.sort)?,
            offset: u64::from(call.page) * u64::from(page_size),
            limit: page_size,
        };
        let found = view.objects(self.known.app, &call.structure, &query)?;
        let items = found.items.into_iter().map(|stored| self.shown(&Object::read(&self.definition, stored)));
        Ok(ObjectPage { items: items.collect(), page: call.page, page_size, total: found.total })
    }

    /// What isn't shown doesn't show by its order either.
    fn sort(&self, sort: &str) -> Result<Vec<(Place, campanile_store::Direction)>> {
        let sort = read_sort(sort, &self.definition)?;
        for (place, _) in &sort {
            let name = match place {
                Place::Field(name) => name,
                Place::CreatedBy => "created_by",
                _ => continue,
            };
            if !self.settings.has(name) {
                return Err(AccountError::field("sort", format!("the structure has no field {name:?}")));
            }
        }
        Ok(sort)
    }

    /// Which objects the caller may see; `None` if there are none, `Some(None)` for all.
    fn readable(&self) -> Result<Option<Option<Condition>>> {
        let own = match self.settings.read.access(self.known.user()) {
            Access::None => return Ok(None),
            Access::All => None,
            Access::Own(user) => Some(is(Place::CreatedBy, user)),
        };
        let filter = self.filter()?.map(|filter| filter.compile()).transpose()?;
        Ok(Some(match (own, filter) {
            (Some(own), Some(filter)) => Some(Condition::All(vec![own, filter])),
            (own, filter) => own.or(filter),
        }))
    }

    /// The endpoint's filter, with the values of this request.
    fn filter(&self) -> Result<Option<Filter>> {
        let Some(filter) = &self.settings.filter else { return Ok(None) };
        let filter = Filter::read(&Value::Object(filter.clone()), &self.definition)?;
        let request = Request { parameters: &self.known.call.parameters, user: self.known.user() };
        filter.with_operands(&mut |operand| self.filled(operand, &request))
    }

    fn filled(&self, operand: Value, request: &Request<'_>) -> Result<Option<Value>> {
        if !texts(&operand).into_iter().any(templates::is_template) {
            return Ok(Some(operand));
        }
        let fill = |value: Value| -> Result<Option<Value>> {
            let Value::String(text) = &value else { return Ok(Some(value)) };
            match templates::fill(text, request)? {
                Filled::Text(text) => Ok(Some(text.into())),
                Filled::Absent => Ok(None),
                // Without a user nothing may be left out that holds users apart.
                Filled::NoUser => Err(self.known.forbidden()),
            }
        };
        match operand {
            Value::Array(values) => values.into_iter().map(fill).collect(),
            value => fill(value),
        }
    }

    fn save(&self, writer: &mut Writer<'_, '_>, object: Map<String, Value>) -> Result<Saved> {
        let Given { id, fields, .. } = Given::read(object)?;
        let access = self.settings.write.access(self.known.user());
        let before = id.as_deref().map_or(Ok(None), |id| writer.find(id))?;
        let is_own = |user| before.as_ref().is_none_or(|before| before.created_by.as_deref() == Some(user));
        match access {
            Access::All => {}
            Access::Own(user) if is_own(user) => {}
            _ => return Err(self.known.forbidden()),
        }
        if let Some(name) = fields.keys().find(|name| !self.settings.has(name)) {
            return Err(AccountError::field(name, "the endpoint doesn't take this field"));
        }
        let sent: Vec<String> = fields.keys().cloned().collect();
        let object = writer.write(Write::Save { id, fields })?;
        let (app, user) = (self.known.app, self.known.user.clone());
        let shown = self.shown_to_writer(writer.tx, &object, &sent)?;
        Ok(Saved { shown, app, object: object.to_json(), sent, user })
    }

    /// Who may not read sees what was sent.
    fn shown_to_writer(&self, view: &View<'_>, object: &Object, sent: &[String]) -> Result<Value> {
        let mut shown = self.shown(object);
        if !self.may_see(view, &object.id)?
            && let Some(shown) = shown.as_object_mut()
        {
            shown.retain(|name, _| name == "id" || sent.contains(name));
        }
        Ok(shown)
    }

    fn show_again(&self, view: &View<'_>, saved: &Saved) -> Result<Option<Value>> {
        let id = saved.object["id"].as_str().unwrap_or_default();
        let Some(stored) = view.object(self.known.app, &self.known.call.structure, id)? else {
            return Ok(None);
        };
        let object = Object::read(&self.definition, stored);
        self.shown_to_writer(view, &object, &saved.sent).map(Some)
    }

    fn may_see(&self, view: &View<'_>, id: &str) -> Result<bool> {
        if self.settings.read.access(self.known.user()) == Access::None {
            return Ok(false);
        }
        let readable = match self.readable() {
            Err(error) if error.code == Code::Forbidden => return Ok(false),
            readable => readable?.flatten(),
        };
        let condition = Condition::All([is(Place::Id, id)].into_iter().chain(readable).collect());
        let query = ObjectQuery { condition: Some(condition), limit: 1, ..ObjectQuery::default() };
        Ok(view.objects(self.known.app, &self.known.call.structure, &query)?.total > 0)
    }

    fn shown(&self, object: &Object) -> Value {
        let mut shown = object.to_json();
        if let Some(fields) = shown.as_object_mut() {
            fields.retain(|name, _| self.settings.has(name));
        }
        shown
    }
}

fn is(place: Place, text: &str) -> Condition {
    Condition::Is(place, Comparison::Equal, Operand::Text(text.to_owned()))
}
