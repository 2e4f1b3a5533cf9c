// How a peer answers our offers in these tests.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "sdp_support.hpp"

namespace clued::sdp::testing {

/// What a peer would answer: everything accepted, directions reversed, the channel as active end. `change` has the last
/// word on every m-line.
inline SessionDescription accepted(const SessionDescription& offer,
                                   const std::function<void(std::size_t, MediaDescription&)>& change = {}) {
  SessionDescription answer = offer;
  answer.origin = {"peer", "77", 1, IpFamily::v4, "192.0.2.7"};
  answer.connection = Connection{IpFamily::v4, "192.0.2.7"};
  for (std::size_t i = 0; i < answer.media.size(); ++i) {
    MediaDescription& line = answer.media[i];
    const Direction direction = reversed(offer.direction_of(line));
    for (Attribute& attribute : line.attributes) {
      if (attribute.name == "setup") attribute.value = "active";
      if (attribute.name == "ice-ufrag") attribute.value = "aUf1";
      if (attribute.name == "ice-pwd") attribute.value = "YH75Fviy6338Vbrhrlp8Yh00";
      if (attribute.name == "tls-id") attribute.value = "a1aaaaaaaaaaaaaaaa02";
      if (attribute.name == to_string(reversed(direction))) attribute.name = to_string(direction);
    }
    if (change) change(i, line);
  }
  return answer;
}

inline void set_direction(MediaDescription& line, const char* direction) {
  for (Attribute& attribute : line.attributes) {
    for (const char* other : {"sendrecv", "sendonly", "recvonly", "inactive"}) {
      if (attribute.name == other) {
        attribute.name = direction;
        return;
      }
    }
  }
}

inline void erase_attribute(MediaDescription& line, std::string_view name) {
  for (auto at = line.attributes.begin(); at != line.attributes.end(); ++at) {
    if (at->name == name) {
      line.attributes.erase(at);
      return;
    }
  }
}

inline void set_attribute(MediaDescription& line, std::string_view name, const std::string& value) {
  for (Attribute& attribute : line.attributes) {
    if (attribute.name == name) attribute.value = value;
  }
}

}  // namespace clued::sdp::testing
