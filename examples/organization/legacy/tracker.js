// What `mixpriv sdk check --residency eu legacy` finds: a scheme where a bare host belongs, and the host grammars mixed up.
const Mixpanel = require("mixpanel");

module.exports.events = Mixpanel.init(process.env.MIXPANEL_TOKEN, { host: "https://api-eu.mixpanel.com" });
module.exports.flags = Mixpanel.init(process.env.MIXPANEL_TOKEN, { host: "api.eu.mixpanel.com" });
module.exports.old = Mixpanel.init(process.env.MIXPANEL_TOKEN);
