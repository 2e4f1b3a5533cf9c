// Addresses of hosts that requests go to. Private to server/sip.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor_budget.hpp"

namespace boost::asio {
class io_context;
}

namespace clued::sip {

struct Lookup {
  enum class Outcome {
    found,
    unknown,         ///< there is no such name, or no address of it
    unavailable,     ///< whoever could know it does not answer, or cannot now; this says nothing about the name
    too_slow,        ///< the same, as far as is known within the time limit
    too_many,        ///< nobody was asked
    no_descriptors,  ///< likewise, for want of file descriptors
  };
  Outcome outcome = Outcome::unknown;
  std::vector<std::string> addresses{};  ///< in the system's order of preference
};

/// For logs.
const char* text_of(Lookup::Outcome outcome);

/// How long and how much is looked up.
struct LookupSettings {
  std::chrono::milliseconds time_limit = std::chrono::seconds(5);  ///< of one look-up; then the caller is told so
  /// At the same time, in all and for one owner. A look-up beyond the time limit counts as long as the system still
  /// works on it, which with a name server that is silent can be half a minute.
  std::size_t max_at_once = 128;
  std::size_t max_at_once_per_owner = 32;
  std::size_t max_waiting = 1024;                    ///< for their turn; more are refused
  std::chrono::milliseconds remember_found{30'000};  ///< what was found
  std::chrono::milliseconds remember_failed{5'000};  ///< and what was not
  std::size_t max_remembered = 512;
  /// What a thread does, instead of getaddrinfo(3): for tests.
  std::function<Lookup(const std::string& host)> ask = nullptr;
};

/// Asks the system's resolver (hosts file and DNS, A and AAAA), each name on a thread of its own, so that a fast answer
/// never waits for a slow one; the answers come through the loop. The threads are the only ones of ours and share
/// nothing with the loop but the way back. One that is still at work when the resolver or the process ends holds up
/// neither.
class Resolver {
 public:
  using Then = std::function<void(const Lookup&)>;

  /// `descriptors`: nobody is asked when they run short.
  Resolver(boost::asio::io_context& io, LookupSettings settings, base::DescriptorBudget descriptors = {});
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  ~Resolver();

  /// `owner` is who counts for the limits: a conference. What is remembered, no host name, or too much is answered at
  /// once, everything else later. Those who ask for one name get their answers in the order in which they asked. Not
  /// answered when stop() comes before.
  void look_up(const std::string& host, const std::string& owner, Then then);
  /// Forgets everybody who waits.
  void stop();

  std::size_t at_work() const;  ///< threads

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace clued::sip
