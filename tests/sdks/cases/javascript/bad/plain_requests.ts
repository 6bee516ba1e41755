// region: eu
export async function track(batch: object[]) {
  await fetch('https://api.mixpanel.com/track?verbose=1', { method: 'POST', body: JSON.stringify(batch) });
//             ^^^^^^^^^^^^^^^^^^^^^^^^ MP1001 error
  await fetch(`https://eu.mixpanel.com/track`, { method: 'POST' });
//             ^^^^^^^^^^^^^^^^^^^^^^^ MP1002 error
  await fetch("https://mixpanel.com/api/app/me");
//             ^^^^^^^^^^^^^^^^^^^^ MP1001 error
  await fetch("https://data.mixpanel.com/api/2.0/export?from_date=2026-01-01");
//             ^^^^^^^^^^^^^^^^^^^^^^^^^ MP1001 error
  await fetch(`https://api-eu.mixpanel.com/api/query/insights?project_id=${batch.length}`);
//             ^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1002 error
  throw new Error("could not reach https://api.mixpanel.com in time");
//                                 ^^^^^^^^^^^^^^^^^^^^^^^^ MP1015 note
}
