// Starts the page's parts.

import { startDetails } from "./details.js";
import { $ } from "./dom.js";
import { startExamples } from "./examples.js";
import { startFilters } from "./filters.js";
import { startFooter } from "./footer.js";
import { startKeys } from "./keys.js";
import { startLayers } from "./layers.js";
import { startList } from "./list.js";
import { startModes } from "./modes.js";
import { startOpen } from "./open.js";
import { startPointer } from "./pointer.js";
import { startScene } from "./scene.js";
import { startStage } from "./stage.js";
import { startStatus } from "./status.js";
import { startTakeAway } from "./takeaway.js";
import { startText } from "./text.js";
import { startTools } from "./tools.js";
import { startVocabulary } from "./vocabulary.js";

for (const start of [
  startStatus,
  startOpen,
  startStage,
  startPointer,
  startKeys,
  startModes,
  startExamples,
  startTools,
  startLayers,
  startText,
  startList,
  startFilters,
  startDetails,
  startScene,
  startTakeAway,
  startFooter,
]) {
  start();
}
$("show-keys").onclick = () => $("keys-dialog").showModal();
startVocabulary();
