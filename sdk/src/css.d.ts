// Stylesheets are texts; the build has made them small.

declare module "*.css" {
  const text: string;
  export default text;
}
