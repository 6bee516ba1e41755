// region: eu
import mixpanel from 'mixpanel-browser';
export function start(two: boolean) {
    mixpanel.init('YOUR_TOKEN');
//  ^^^^^^^^^^^^^ MP1003 error
  if (two) mixpanel.init('YOUR_TOKEN', { debug: true }, 'second');
//         ^^^^^^^^^^^^^ MP1003 error
}
