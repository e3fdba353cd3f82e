// @generated from asyncapi.yaml — do not edit
export const exchange = {
  name: "appointments.ex",
  type: "topic",
  options: {
    durable: true,
    autoDelete: false,
  },
} as const;

export const contentType = "application/json";
export const contentEncoding = "utf-8";
