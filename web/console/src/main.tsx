// Starts the console.

import "./theme/theme.css";
import { createRoot } from "react-dom/client";
import { Console } from "./app/Console";

createRoot(document.getElementById("root")!).render(<Console />);
