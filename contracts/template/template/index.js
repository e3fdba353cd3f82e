import { File } from "@asyncapi/generator-react-sdk";
import { consumerFiles } from "../src/consumer-files.mjs";
import { producerFiles } from "../src/producer-files.mjs";

const HEADER = "// @generated from asyncapi.yaml — do not edit\n";

/** A document that sends is the producer's, one that receives is the consumer's. */
export default function Generated({ asyncapi, params }) {
  const settings = JSON.parse(params.settings);
  const filesOf = asyncapi.operations().filterBySend().length > 0 ? producerFiles : consumerFiles;
  const files = filesOf(asyncapi, settings);
  return Object.entries(files).map(([name, code]) => <File name={name}>{HEADER + code}</File>);
}
