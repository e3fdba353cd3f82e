import { expect, it } from "vitest";
import { loadContract } from "../src/contract.ts";
import { encryptionProblems } from "../src/validate/encrypted.ts";
import { type Edit, edited, ROOT } from "./support/project.ts";

const created = "/components/messages/appointmentCreatedEncrypted";
const changed = "/components/messages/appointmentContactChangedEncrypted";

const planted: Record<string, [Edit, string]> = {
  "says openly what is marked as personal": [
    ({ components: { schemas } }) =>
      schemas.AppointmentCreatedEncrypted.properties.payload.properties.patientPhone = schemas.PatientPhone,
    `${created}/payload/properties/payload: says patientPhone openly`,
  ],
  "lacks what is not marked": [
    ({ components: { schemas } }) =>
      delete schemas.AppointmentCreatedEncrypted.properties.payload.properties.overbooked,
    `${created}/payload/properties/payload: lacks overbooked, which is not marked`,
  ],
  "has what no plain form has": [
    ({ components: { schemas } }) =>
      schemas.AppointmentCreatedEncrypted.properties.payload.properties.room = { type: "string" },
    `${created}/payload/properties/payload: has room, which no plain form has`,
  ],
  "does not require what every plain form does": [
    ({ components: { schemas } }) => schemas.AppointmentCreatedEncrypted.properties.payload.required.pop(),
    `${created}/payload/properties/payload: does not require appointmentDate`,
  ],
  "is bound to no event": [
    ({ components: { schemas } }) => schemas.AppointmentContactChangedEncrypted.required.splice(4, 1),
    `${changed}/payload: does not require eventId, to which the ciphertext is bound`,
  ],
  "stands for a message of another event": [
    ({ components: { messages } }) => messages.appointmentContactChangedEncrypted["x-encrypts"].push("patientErased"),
    `${changed}/x-encrypts: names patientErased, which is not a message of appointment.contact_changed`,
  ],
  "forgets a version of the plain form": [
    ({ components: { messages } }) => messages.appointmentCreatedEncrypted["x-encrypts"].pop(),
    "/components/messages/appointmentCreatedV2: has personal data, and no x-encrypts of appointment.created names appointmentCreatedV2",
  ],
};

it.each(Object.keys(planted))("an encrypted form is refused that %s", (name) => {
  const [edit, expected] = planted[name]!;
  const found = encryptionProblems(loadContract(edited(edit, ROOT)));
  expect(found.map(({ path, reason }) => `/${path.join("/")}: ${reason}`)).toContain(expected);
});

it("a field that is marked from now on has to leave the encrypted form", () => {
  const mark: Edit = ({ components: { schemas } }) => schemas.Locale["x-personal-data"] = true;
  const found = encryptionProblems(loadContract(edited(mark, ROOT)));
  expect(found.map(({ reason }) => reason)).toEqual(["says locale openly", "says locale openly"]);
});

it("the contract itself has nothing of that", () => {
  expect(encryptionProblems(loadContract(edited(() => {}, ROOT)))).toEqual([]);
});
