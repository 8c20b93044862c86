/** The page's behaviour. Every element adds to HTML that already says everything; nothing here is needed to read or to submit. */
import "htmx.org/dist/htmx.esm.js";
import { meta } from "./dom";
import { Board } from "./elements/board";
import { Chart } from "./elements/chart";
import { Combobox } from "./elements/combobox";
import { startDialogs } from "./elements/dialog";
import { startHotkeys } from "./elements/hotkeys";
import { startLines } from "./elements/lines";
import { Menu } from "./elements/menu";
import { Palette } from "./elements/palette";
import { startPreferences } from "./elements/preferences";
import { Table } from "./elements/table";
import { startToasts } from "./elements/toast";

document.addEventListener("htmx:config:request", event => {
  (event as CustomEvent).detail.ctx.request.headers["X-CSRFToken"] = meta("csrf");
});

startDialogs();
startToasts();
startPreferences();
startHotkeys();
startLines();

customElements.define("ltc-menu", Menu);
customElements.define("ltc-board", Board);
customElements.define("ltc-table", Table);
customElements.define("ltc-palette", Palette);
customElements.define("ltc-chart", Chart);
customElements.define("ltc-combobox", Combobox);
