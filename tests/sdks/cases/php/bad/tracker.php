<?php # region: eu
$mp = Mixpanel::getInstance("YOUR_TOKEN");
#     ^^^^^^^^^^^^^^^^^^^^^ MP1003 error
$mq = Mixpanel::getInstance("YOUR_TOKEN", ["debug" => true]);
#     ^^^^^^^^^^^^^^^^^^^^^ MP1003 error
$mr = new Mixpanel("YOUR_TOKEN", ["host" => "https://api-eu.mixpanel.com"]);
#                                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1004 error
$ms = Mixpanel::getInstance("YOUR_TOKEN", array("host" => "api.mixpanel.com"));
#                                                          ^^^^^^^^^^^^^^^^ MP1001 error
