#include "app/own_places.hpp"

#include <algorithm>

namespace clued::app {
namespace {

/// "conf.example.org:5060", "[2001:db8::1]:5060", "2001:db8::1": without the port.
std::string host_of(const std::string& domain) {
  if (!domain.empty() && domain.front() == '[') return domain.substr(1, domain.find(']') - 1);
  const auto colons = std::count(domain.begin(), domain.end(), ':');
  return colons == 1 ? domain.substr(0, domain.find(':')) : domain;
}

}  // namespace

void note_own_places(const sip::Settings& sip, focus::DialOut& dial_out) {
  for (const sip::Listener& listener : sip.listen) {
    for (const std::string& host : {listener.address, host_of(listener.advertise)}) {
      if (host.empty()) continue;
      // With port 0 the kernel chooses, and only sip/ knows.
      if ((listener.udp || listener.tcp) && listener.port != 0) dial_out.own_places.push_back({host, listener.port});
      if (listener.tls && listener.tls_port != 0) dial_out.own_places.push_back({host, listener.tls_port});
    }
  }
  if (!sip.domain.empty()) dial_out.own_domains.push_back(host_of(sip.domain));
}

}  // namespace clued::app
