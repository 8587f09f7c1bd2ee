// Runs at CloudFront for each request. What a client sends under these names is overwritten here.
function handler(event) {
  var request = event.request;
  request.headers["freehold-viewer-address"] = { value: event.viewer.ip };
  request.headers["freehold-viewer-host"] = { value: request.headers.host.value };
  return request;
}
