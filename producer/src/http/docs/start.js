// Runs in the browser, on the page /docs.
/* global SwaggerUIBundle */

/** A week later at the same time, wherever a date stands. */
function later(text) {
  return text.replaceAll(/"(\d{4})-(\d\d)-(\d\d)(?=[T"])/g, (_, year, month, day) => {
    const date = new Date(Date.UTC(year, month - 1, day) + 7 * 24 * 60 * 60 * 1000);
    return `"${date.toISOString().slice(0, 10)}`;
  });
}

const sameJson = (a, b) => {
  try {
    return JSON.stringify(JSON.parse(a)) === JSON.stringify(JSON.parse(b));
  } catch {
    return false;
  }
};

/** What was booked is taken. Where a body was sent as it was prefilled, the next one is for the week after. */
function movesOn() {
  const prefilled = new Map();
  return {
    statePlugins: {
      spec: {
        wrapActions: {
          setResponse: (original, system) => (path, method, response) => {
            const result = original(path, method, response);
            const key = `${method} ${path}`;
            const sent = system.oas3Selectors.requestBodyValue(path, method);
            const media = system.specSelectors.specJson().getIn(["paths", path, method, "requestBody", "content"]);
            const example = prefilled.get(key) ?? JSON.stringify(media?.first()?.get("example")?.toJS?.());
            if (response.status < 300 && typeof sent === "string" && sameJson(sent, example)) {
              const value = later(sent);
              prefilled.set(key, value);
              if (value !== sent) system.oas3Actions.setRequestBodyValue({ value, pathMethod: [path, method] });
            }
            return result;
          },
        },
      },
    },
  };
}

SwaggerUIBundle({
  url: "/docs/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  validatorUrl: null,
  plugins: [movesOn],
});
