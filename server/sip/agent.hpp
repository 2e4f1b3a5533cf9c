// SIP on Sofia-SIP's transaction layer: translates requests and responses into focus::Event and carries out the SIP
// commands of focus/commands.hpp. What it answers by itself is listed in request_checks.hpp.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/descriptor_budget.hpp"
#include "base/expected.hpp"
#include "base/record.hpp"
#include "focus/commands.hpp"
#include "focus/events.hpp"
#include "sip/settings.hpp"

namespace boost::asio {
class io_context;
}

namespace clued::sip {

class Endpoint;

/// Live objects, for the census of the daemon and for tests: each of them is zero when nothing is going on.
struct Census {
  std::size_t dialogs = 0;
  std::size_t incoming = 0;  ///< server transactions owed an answer or waiting for an ACK
  std::size_t outgoing = 0;  ///< client transactions without a final response
  std::size_t subscriptions = 0;
  std::size_t tls_connections = 0;
  std::size_t heap_trims = 0;  ///< how often memory was given back to the system
  std::size_t lingering = 0;   ///< transactions and dialogs that the library still holds, those above included
};

class Agent {
 public:
  /// `post` must only queue the event: it is called from inside the library's callbacks. Everything happens on the
  /// thread that runs `io`; `io` outlives the agent.
  Agent(boost::asio::io_context& io, Settings settings, std::function<void(focus::Event)> post, base::RecordSink log,
        base::DescriptorBudget descriptors = {});
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;
  /// Answers what is owed an answer with 503, forgets everything else and closes the sockets. No event follows.
  ~Agent();

  /// Binds every address of the settings, or says in a sentence which one cannot be had.
  base::expected<void, std::string> start();

  void execute(const focus::command::Respond& command);
  void execute(const focus::command::AcceptRefer& command);
  void execute(const focus::command::NotifyRefer& command);
  void execute(const focus::command::AcceptSubscribe& command);
  void execute(const focus::command::NotifyConference& command);
  void execute(const focus::command::ForgetSubscription& command);
  void execute(const focus::command::SendInvite& command);
  void execute(const focus::command::WithdrawInvite& command);
  void execute(const focus::command::SendCancel& command);
  void execute(const focus::command::SendReinvite& command);
  void execute(const focus::command::SendUpdate& command);
  void execute(const focus::command::SendBye& command);

  /// While it is true, the library does not work: what peers send waits in the kernel, and what does not fit there is
  /// lost and repeated. May be called from within `post`.
  void hold_input(bool hold);

  Census census() const;
  /// Takes over all settings but those that settings.hpp says need a restart: they are to be as they were. Nothing
  /// changes when one cannot be had; the sentence says which.
  base::expected<void, std::string> reload(const Settings& settings);

  /// The addresses in use as URIs: "sip:127.0.0.1:5060;transport=udp", with the ports that the kernel chose.
  std::vector<std::string> bound() const;

 private:
  std::unique_ptr<Endpoint> endpoint_;
};

}  // namespace clued::sip
