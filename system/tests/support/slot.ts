import { offsetOn } from "../../doctor.ts";

const slotsPerDay = 8 * 12;

/** Every five minutes of the doctor's working days. */
export function slot(n: number): string {
  const day = new Date();
  day.setUTCHours(10, 0, 0, 0);
  for (let ahead = Math.floor(n / slotsPerDay) + 1; ahead > 0;) {
    day.setUTCDate(day.getUTCDate() + 1);
    if (![0, 6].includes(day.getUTCDay())) ahead--;
  }
  const minutes = 9 * 60 + 5 * (n % slotsPerDay);
  const time = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0")).join(":");
  return `${day.toISOString().slice(0, 10)}T${time}:00${offsetOn(day)}`;
}
