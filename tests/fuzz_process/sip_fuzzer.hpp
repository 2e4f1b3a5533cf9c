// SIP with a memory: calls that begin, go on and end in any order, as they should and as they should not.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "bench/load/sip_message.hpp"
#include "fuzz_process/call.hpp"
#include "fuzz_process/draft.hpp"
#include "fuzz_process/ways.hpp"

namespace clued::fuzz {

struct Target {
  std::uint16_t sip_port = 0;
  std::uint16_t tls_port = 0;   ///< 0: none
  std::uint16_t lite_port = 0;  ///< 0: none
  bool names = false;           ///< whether hosts may be names (under .invalid)
};

class SipFuzzer {
 public:
  SipFuzzer(Reactor& reactor, ChannelLibraries& libraries, std::uint64_t seed);
  void aim(const Target& target);

  /// Sends one message. The same number and state make the same one.
  void step(std::uint64_t number, Random& random);
  /// One message at one of the channels' layers; false when there is no channel.
  bool step_channel(Random& random);
  void tick(base::TimePoint now);

  /// Ends all calls by the book; from now on everything is answered so that nothing goes on.
  void end_all();

  /// Ports where the daemon takes media now.
  const std::deque<std::uint16_t>& media_ports() const noexcept { return media_ports_; }

 private:
  using Message = bench::SipMessage;

  // --- what it begins (sip_fuzzer_steps.cpp) ---
  void begin_call(std::uint64_t number, Random& random);
  void begin_subscription(std::uint64_t number, Random& random);
  void within_call(Call& call, Random& random);
  void outside_of_calls(std::uint64_t number, Random& random);
  void again(Random& random);
  void unasked_response(Random& random);
  void leave(Call& call, Random& random);
  Draft invite(Call& call, Random& random);
  void add_body(Call& call, Draft& draft, Random& random);
  void fill_reinvite(Call& call, Draft& draft, Random& random, bool has_offer);
  std::string some_uri(Random& random) const;
  Places places() const;

  // --- what it reacts to (sip_fuzzer_reactions.cpp) ---
  void received(const std::string& text, Way way);
  void on_response(Call& call, const Message& response, Random& random);
  void on_invite_answered(Call& call, const Message& response, Random& random);
  bool answer_challenge(Call& call, const Message& response);
  void on_request(Call* call, const Message& request, Way way, Random& random);
  void on_invite(Call& call, const Message& request, Way way, Random& random);
  void respond(const Message& request, Way way, int status, Random& random, const Call* call, Body body = {});
  void refuse_quietly(const Message& request, Way way);
  Call* called(const Message& request, Way way);

  // --- both ---
  Call& add_call(std::uint64_t number, Random& random);
  void make_room();
  void forget(const std::string& call_id);
  Call* some_call(Random& random);
  Call* find(const std::string& call_id);
  Draft request(const Call& call, const std::string& method, unsigned cseq, const std::string& branch) const;
  std::string next_branch() { return "z9hG4bK-" + std::to_string(seed_ % 1000) + "-" + std::to_string(++branches_); }
  void send(Way way, const Draft& draft, Random& random);
  void note_ports(Call& call, const std::string& description);

  Reactor& reactor_;
  ChannelLibraries& libraries_;
  std::uint64_t seed_;
  Ways ways_;
  Target target_;
  bool quiet_ = false;
  std::uint64_t branches_ = 0;
  std::map<std::string, std::unique_ptr<Call>> calls_;  // by Call-ID
  std::vector<std::unique_ptr<Call>> finished_;         // their channels may be in a callback
  std::deque<std::string> conferences_;
  std::deque<std::uint16_t> media_ports_;
  std::deque<std::string> sent_;
};

}  // namespace clued::fuzz
