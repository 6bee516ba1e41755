// region: in
import Mixpanel from 'mixpanel';
import express from 'express';

const app = express();
app.listen({ host: '0.0.0.0', port: 8080 });
export const tracker = Mixpanel.init(process.env.MIXPANEL_TOKEN!, { host: "api-in.mixpanel.com", protocol: 'https' });
