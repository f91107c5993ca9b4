// Pages opened from a folder may not start workers: run the search's worker in a hidden frame instead.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.onmessage = null;
      this.waiting = [];
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.appendChild(frame);
      this.inside = frame.contentWindow;
      const page = frame.contentDocument;
      this.inside.importScripts = (...names) => Promise.all(names.map((name) => new Promise((done, failed) => {
        const script = page.createElement("script");
        script.src = new URL(name, url).href;
        script.onload = done;
        script.onerror = failed;
        page.body.appendChild(script);
      })));
      this.inside.postMessage = (data) => {
        const event = new MessageEvent("message", { data });
        this.dispatchEvent(event);
        if (this.onmessage) this.onmessage(event);
      };
      const script = page.createElement("script");
      script.src = url;
      script.onload = () => { this.ready = true; this.waiting.splice(0).forEach((data) => this.postMessage(data)); };
      page.body.appendChild(script);
    }
    postMessage(data) {
      if (!this.ready) { this.waiting.push(data); return; }
      this.inside.dispatchEvent(new this.inside.MessageEvent("message", { data }));
    }
    terminate() {}
  };
}
