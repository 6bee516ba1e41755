// region: eu
export const saml = {
  entityId: 'https://mixpanel.com/security/sso/v2/authorize/',
  acs: 'https://sso.mixpanel.com/sso/saml2',
  start: 'https://eu.mixpanel.com/security/sso/v2/authorize/?org_id=42',
  docs: 'https://docs.mixpanel.com/docs/access-security',
  library: '//cdn.mxpnl.com/libs/mixpanel-2-latest.min.js',
};
export const ingestion = 'https://api-eu.mixpanel.com/track';
