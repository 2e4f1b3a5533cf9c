#include "focus/account.hpp"

#include <arpa/inet.h>

#include <utility>

namespace clued::focus {

namespace {

/// Whoever has an IPv6 address has the network of 2^64 around it.
std::string network_of(std::string_view host) {
  in6_addr bytes{};
  if (inet_pton(AF_INET6, std::string(host).c_str(), &bytes) != 1) return std::string(host);
  return "/64 " + std::string(reinterpret_cast<const char*>(&bytes), 8);
}

}  // namespace

std::string_view host_of(std::string_view source) {
  source = source.substr(source.find(':') + 1);
  source = source.substr(0, source.rfind(':'));
  if (source.size() >= 2 && source.front() == '[' && source.back() == ']') source = source.substr(1, source.size() - 2);
  return source;
}

std::string account_name_of(const NameAddress& proven) { return "user " + lookup_key(proven.uri); }

Account account_of(const ProvenIdentities& proven, bool is_from_trusted_peer, const NameAddress& from,
                   std::string_view source) {
  if (proven.empty()) return {is_from_trusted_peer ? account_name_of(from) : "host " + network_of(host_of(source))};
  Account account{account_name_of(proven.primary())};
  for (const auto& identity : proven) {
    if (auto name = account_name_of(identity); name != account.name) account.others.push_back(std::move(name));
  }
  return account;
}

}  // namespace clued::focus
