// Addresses of hosts that calls go to. Private to server/sip.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace clued::sip {

/// Asks the system's resolver (hosts file and DNS, A and AAAA), on a thread of the loop's library; the answer comes
/// through the loop. Numbers are answered without asking anybody.
class Resolver {
 public:
  explicit Resolver(boost::asio::io_context& io);
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  ~Resolver();

  /// Addresses in the system's order of preference, none when the host is unknown. Called later, or at once for a
  /// number; not at all when the resolver ends before.
  void resolve(const std::string& host, std::function<void(const std::vector<std::string>&)> then);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace clued::sip
