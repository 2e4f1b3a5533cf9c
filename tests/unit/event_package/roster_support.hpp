#pragma once

#include <string>

#include "event_package/conference_notifier.hpp"

namespace clued::event_package {

inline Roster::Member member(const std::string& name, EndpointStatus status = EndpointStatus::connected) {
  Roster::Member one;
  one.user = "sip:" + name + "@example.net";
  one.display_text = name;
  one.roles = {"participant"};
  one.endpoint.entity = "sip:" + name + "@192.0.2.1:5062";
  one.endpoint.status = status;
  one.endpoint.joining_method = JoiningMethod::dialed_in;
  one.endpoint.media = {{"1", "audio", "11", MediaStatus::sendrecv}};
  return one;
}

inline const std::string conference_uri = "sip:conf-7f3a@tp.example.net";

inline Description description() {
  Description one;
  one.maximum_user_count = 16;
  return one;
}

}  // namespace clued::event_package
