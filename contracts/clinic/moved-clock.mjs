// Loaded into a service's process before the service (`--import`): its clock is ahead by what the file of CLOCK_FILE says,
// in milliseconds. The service itself knows nothing of it, and its timers keep the time of the machine.
import { readFileSync } from "node:fs";
import process from "node:process";

const file = process.env.CLOCK_FILE ?? "";
const RealDate = Date;
const now = () => RealDate.now() + Number(readFileSync(file, "utf8"));

globalThis.Date = class Date extends RealDate {
  constructor(...parts) {
    super(...(parts.length === 0 ? [now()] : parts));
  }

  static now() {
    return now();
  }
};
