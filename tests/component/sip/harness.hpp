// An agent on loopback with a loop to run it, and its events in the order in which they came.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "component/sip/sip_peer.hpp"
#include "sip/agent.hpp"

namespace clued::sip::test {

struct Endpoints {
  Wire wire = Wire::udp;
  std::string address = "127.0.0.1";
};

class Harness {
 public:
  explicit Harness(const std::string& address = "127.0.0.1", Settings settings = quick(),
                   base::DescriptorBudget descriptors = {});
  static Settings quick();

  /// Runs the loop until the condition holds; false after `patience`.
  template <class Condition>
  bool until(Condition condition, std::chrono::milliseconds patience = std::chrono::seconds(5)) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
      const auto now = std::chrono::steady_clock::now();
      if (now >= end) return false;
      io.restart();
      io.run_one_for(end - now);
    }
    return true;
  }

  /// Runs the loop for this long: to see that something does not happen.
  void pass(std::chrono::milliseconds time) {
    until([] { return false; }, time);
  }

  /// The next event, which must be of this kind and come in time.
  template <class Kind>
  Kind next() {
    if (!until([this] { return !events.empty(); })) {
      ADD_FAILURE() << "no event came";
      return {};
    }
    const focus::Event event = events.front();
    events.pop_front();
    const Kind* kind = std::get_if<Kind>(&event);
    EXPECT_NE(kind, nullptr) << "an event of kind " << event.index() << " came";
    return kind == nullptr ? Kind{} : *kind;
  }

  /// The next message that this peer gets.
  Message message(Peer& peer);
  /// The next one that is no 100 Trying.
  Message answer(Peer& peer);

  std::string uri(Wire wire) const;
  bool idle() const;  ///< nothing of ours is alive
  bool logged(std::string_view name) const;
  /// Takes down a record with its texts: "name key=value ...".
  void note(const base::Record& record);

  boost::asio::io_context io;
  std::deque<focus::Event> events;
  std::vector<std::string> records;
  bool traces = false;  ///< as with `log.level: trace`
  std::unique_ptr<Agent> agent;
};

/// A dialog as it is after INVITE, 200 and ACK.
struct Call {
  std::string id;
  std::string tag;     ///< ours, as the peer saw it
  std::string target;  ///< the URI of our Contact
  base::DialogId dialog;
};

inline const focus::FocusContact conference{"conf-1", false};

std::string tag_of(const std::string& header);
std::string uri_of(const std::string& header);

/// Has the peer call and the agent answer; ends with AckReceived taken from the events.
Call establish(Harness& harness, Peer& peer, const std::string& id, const std::string& extra = "");

}  // namespace clued::sip::test
