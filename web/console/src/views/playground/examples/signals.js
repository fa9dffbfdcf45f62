// Shows and sets signals of the vehicle. Change them in the panel as well: both sides see each other's changes.

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.4 system-ui, sans-serif; }
  main { box-sizing: border-box; height: 100%; padding: 1rem; display: grid; align-content: center; justify-items: center; gap: .75rem; }
  output { font-size: 3rem; font-weight: 650; line-height: 1; font-variant-numeric: tabular-nums; }
  input[type=range] { width: 100%; }
  label { display: flex; gap: .5rem; align-items: center; }
  input[type=checkbox] { width: 1.25rem; height: 1.25rem; }
  button { font: inherit; font-size: .875rem; padding: .3rem .75rem; border: 1px solid light-dark(#8a8172, #6b7b95); border-radius: .5rem; background: none; color: inherit; cursor: pointer; }
`;

const plugin = ({ widgets, simulator, vehicle }) => {
  widgets.register("Speed", async (box) => {
    box.injectHTML(`<style>${STYLE}</style><main>
      <output id="speed" aria-label="Speed in km/h"></output>
      <input type="range" min="0" max="200" aria-label="Speed">
    </main>`);
    const { document } = box.window;
    const range = document.querySelector("input");
    const show = (speed = 0) => {
      range.value = speed;
      document.getElementById("speed").textContent = `${speed} km/h`;
    };
    show(await vehicle.Speed.get());
    range.addEventListener("input", () => vehicle.Speed.set(range.valueAsNumber));
    return vehicle.Speed.subscribe(show);
  });

  widgets.register("Trunk", async (box) => {
    const isOpen = vehicle.Body.Trunk.Rear.IsOpen;
    box.injectHTML(`<style>${STYLE}</style><main>
      <label><input type="checkbox"> The trunk is open</label>
      <button>All signals of this widget</button>
    </main>`);
    const { document } = box.window;
    const checkbox = document.querySelector("input");
    const show = (value) => {
      checkbox.checked = Boolean(value);
    };
    show(await isOpen.get());
    checkbox.addEventListener("change", () => isOpen.set(checkbox.checked));
    document.querySelector("button").addEventListener("click", async () => {
      const text = document.createElement("p");
      text.style.padding = "1.5rem";
      text.textContent = `Speed: ${await vehicle.Speed.get()}, the trunk is ${(await isOpen.get()) ? "open" : "closed"}`;
      box.triggerPopup(text);
    });
    return isOpen.subscribe(show);
  });

  return {
    // Speeds up in steps of 10, and resolves when it is done.
    accelerate: async (to = 100) => {
      for (let speed = 0; speed <= to; speed += 10) {
        await vehicle.Speed.set(speed);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      return `It drives at ${await vehicle.Speed.get()} km/h.`;
    },
  };
};

export default plugin;
