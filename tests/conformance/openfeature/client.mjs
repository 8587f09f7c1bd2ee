// The JavaScript clients of OpenFeature, told what to do by one line of JSON each, and answering with one.

import { createInterface } from "node:readline";
import { OFREPProvider } from "@openfeature/ofrep-provider";
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature } from "@openfeature/server-sdk";
import { OpenFeature as Web, ProviderEvents } from "@openfeature/web-sdk";

const KINDS = { boolean: "getBooleanDetails", string: "getStringDetails", number: "getNumberDetails", object: "getObjectDetails" };
const LONGEST = 5000; // milliseconds
const opened = {};

const does = {
  async open({ name, web, url, headers, poll, context }) {
    const statuses = [];
    const fetchImplementation = async (...request) => {
      try {
        const response = await fetch(...request);
        statuses.push(response.status);
        return response;
      } catch (error) {
        statuses.push(0);
        throw error;
      }
    };
    const options = { baseUrl: url, headers: Object.entries(headers), fetchImplementation };
    opened[name] = { statuses, changed: [], web };
    if (!web) {
      await OpenFeature.setProviderAndWait(name, new OFREPProvider(options));
      opened[name].client = OpenFeature.getClient(name);
      return {};
    }
    const provider = new OFREPWebProvider({ ...options, pollInterval: poll ?? 0, cacheMode: "disabled" });
    opened[name].provider = provider;
    opened[name].client = Web.getClient(name);
    opened[name].client.addHandler(ProviderEvents.ConfigurationChanged, ({ flagsChanged }) =>
      opened[name].changed.push(...(flagsChanged ?? [])),
    );
    await Web.setContext(name, context ?? {});
    const failed = await Web.setProviderAndWait(name, provider).then(() => "", String);
    return { failed, state: opened[name].client.providerStatus };
  },
  async ask({ name, kind, key, otherwise, context }) {
    return await opened[name].client[KINDS[kind]](key, otherwise, ...(opened[name].web ? [] : [context ?? {}]));
  },
  async context({ name, context }) {
    await Web.setContext(name, context);
    return {};
  },
  async seen({ name, status, times }) {
    const { statuses } = opened[name];
    return await until(() => statuses.filter((each) => each === status).length >= times && { statuses });
  },
  async changed({ name, key }) {
    return await until(() => opened[name].changed.includes(key) && {});
  },
  async statuses({ name }) {
    return { statuses: opened[name].statuses };
  },
  async close({ name }) {
    await opened[name].provider?.onClose();
    return {};
  },
};

async function until(found) {
  for (const last = Date.now() + LONGEST; Date.now() < last; await new Promise((after) => setTimeout(after, 10))) {
    const result = found();
    if (result) return result;
  }
  throw new Error("It does not happen.");
}

for await (const line of createInterface({ input: process.stdin })) {
  const { does: what, ...told } = JSON.parse(line);
  const answer = await does[what](told).catch((error) => ({ error: String(error?.stack ?? error) }));
  console.log(JSON.stringify(answer));
}
process.exit(0);
