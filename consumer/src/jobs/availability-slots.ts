export interface DoctorHours {
  timeZone: string;
  workingHours: { weekday: number; start: string; end: string }[];
  exceptions: { date: string; intervals: { start: string; end: string }[] }[];
}
