import mixpanel from "mixpanel-browser";

mixpanel.init(import.meta.env.VITE_MIXPANEL_TOKEN, {
  api_host: "https://api-eu.mixpanel.com",
  opt_out_tracking_by_default: true,
});

export default mixpanel;
