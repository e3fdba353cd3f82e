export function lowerFirst(text) {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

export function upperFirst(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
