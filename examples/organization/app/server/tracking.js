const Mixpanel = require("mixpanel");

module.exports = Mixpanel.init(process.env.MIXPANEL_TOKEN, { host: "api-eu.mixpanel.com" });
