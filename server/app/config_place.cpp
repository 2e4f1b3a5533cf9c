#include "app/config_place.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <cctype>
#include <optional>

#include "sip/own_texts.hpp"

namespace clued::app {

namespace {

using boost::asio::ip::address;

std::optional<address> address_of(const std::string& text) {
  boost::system::error_code error;
  const auto made = boost::asio::ip::make_address(text, error);
  return error ? std::nullopt : std::optional(made);
}

/// Why this is not the address of one host that others can send to, or "".
std::string problem_of_place(const address& place) {
  // 0.0.0.0 in SDP would put peers on hold (RFC 3264 section 8.4).
  if (place.is_unspecified()) return "must be one address, not any";
  if (place.is_multicast()) return "must not be a multicast address";
  if (place.is_v4()) {
    if (place.to_v4() == boost::asio::ip::address_v4::broadcast()) return "must not be the broadcast address";
    // RFC 1122 section 3.2.1.3: nobody can be sent to there.
    return place.to_v4().to_bytes()[0] == 0 ? "must not be of the network 0.0.0.0/8" : "";
  }
  const auto v6 = place.to_v6();
  // An IPv6 socket of ours is for IPv6 alone.
  if (v6.is_v4_mapped()) return "must not be an IPv4 address in the form of IPv6";
  // Neither SDP nor a URI has a place for an interface.
  return v6.is_link_local() || v6.scope_id() != 0 ? "must be an address that needs no interface" : "";
}

/// "192.0.2.1:5060;transport=tcp", "[2001:db8::1]", "2001:db8::1": without brackets, port and parameters.
std::string host_in(std::string text) {
  text = text.substr(0, text.find(';'));
  if (!text.empty() && text.front() == '[') return text.substr(1, text.find(']') - 1);
  return std::count(text.begin(), text.end(), ':') == 1 ? text.substr(0, text.find(':')) : text;
}

std::string in_uri(const std::string& host) { return host.find(':') == std::string::npos ? host : '[' + host + ']'; }

/// Protocol (false: UDP), address and port.
using Place = std::tuple<bool, std::string, std::uint16_t>;
using Places = std::map<Place, std::string>;

void take_place(ConfigReader& entry, std::string_view key, const std::string& what, const Place& place,
                Places& places) {
  if (std::get<std::uint16_t>(place) == 0) return;  // the kernel finds a free one
  const auto [known, is_new] = places.emplace(place, what);
  if (!is_new) entry.fail(key, "is where " + known->second + " listens already");
}

void take_places(ConfigReader& entry, const sip::Listener& listener, std::size_t index, Places& places) {
  if (listener.address.empty()) return;
  const std::string name = "sip.listen[" + std::to_string(index) + "].";
  if (listener.udp) take_place(entry, "port", name + "udp", {false, listener.address, listener.port}, places);
  if (listener.tcp) take_place(entry, "port", name + "tcp", {true, listener.address, listener.port}, places);
  if (listener.tls) take_place(entry, "tls_port", name + "tls", {true, listener.address, listener.tls_port}, places);
}

void read_advertised(ConfigReader& entry, std::string& advertise) {
  entry.read("advertise", advertise);
  if (advertise.empty()) return;
  const bool has_brackets = advertise.front() == '[';
  const std::string host = has_brackets ? advertise : in_uri(advertise);
  if (std::string problem = sip::problem_of_host(host); !problem.empty()) {
    entry.fail("advertise", std::move(problem));
  } else if (problem = problem_of_told_host(advertise); !problem.empty()) {
    entry.fail("advertise", std::move(problem));
  } else if (has_brackets) {
    advertise = host.substr(1, host.size() - 2);
  }
}

sip::Listener read_listener(ConfigReader& entry) {
  sip::Listener listener;
  read_address(entry, "address", Family::any, listener.address);
  if (listener.address.empty()) entry.fail("address", "is needed");
  entry.read_number("port", listener.port, 0);
  entry.read("udp", listener.udp);
  entry.read("tcp", listener.tcp);
  entry.read("tls", listener.tls);
  entry.read_number("tls_port", listener.tls_port, 0);
  read_advertised(entry, listener.advertise);
  if (!listener.udp && !listener.tcp && !listener.tls) entry.fail("udp", "tcp and tls must not all be off");
  return listener;
}

}  // namespace

void read_address(ConfigReader& reader, std::string_view key, Family family, std::string& target) {
  std::string text = target;
  reader.read(key, text);
  if (text.empty()) {
    target.clear();
    return;
  }
  const auto place = address_of(text);
  if (!place || (family != Family::any && place->is_v6() != (family == Family::v6))) {
    const char* name = family == Family::any ? "IP" : family == Family::v6 ? "IPv6" : "IPv4";
    return reader.fail(key, std::string("must be an ") + name + " address in numbers, or empty");
  }
  if (std::string problem = problem_of_place(*place); !problem.empty()) return reader.fail(key, std::move(problem));
  if (text.find('%') != std::string::npos) return reader.fail(key, "must be an address without interface");
  target = place->to_string();
}

std::string problem_of_told_host(const std::string& text) {
  const std::string host = host_in(text);
  if (const auto place = address_of(host)) return problem_of_place(*place);
  // The last label of a name begins with a letter (RFC 3261 section 25.1). What is written like 127.000.000.001 means
  // something else to each who reads it.
  const std::size_t last = host.rfind('.') == std::string::npos ? 0 : host.rfind('.') + 1;
  const bool is_number = last < host.size() && std::isdigit(static_cast<unsigned char>(host[last])) != 0;
  return is_number ? "must be an address without leading zeros, or a name" : "";
}

void read_listeners(ConfigReader& reader, std::vector<sip::Listener>& listen) {
  Places places;
  reader.read_sections(
      "listen", [&listen] { listen.clear(); },
      [&](ConfigReader& entry) {
        listen.push_back(read_listener(entry));
        take_places(entry, listen.back(), listen.size() - 1, places);
      });
  if (listen.empty()) reader.fail("listen", "must have at least one address");
  std::string all;
  for (const sip::Listener& one : listen) {
    all += in_uri(one.address) + ':' + std::to_string(one.port) + (one.udp ? " udp" : "") + (one.tcp ? " tcp" : "") +
           (one.tls ? " tls:" + std::to_string(one.tls_port) : "") + ' ' + one.advertise + '\n';
  }
  reader.note("listen", all);
}

std::string problem_of_way_to_proxy(const std::string& proxy, const std::vector<sip::Listener>& listen) {
  std::string parameters = proxy.find(';') == std::string::npos ? "" : proxy.substr(proxy.find(';'));
  std::transform(parameters.begin(), parameters.end(), parameters.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto place = address_of(host_in(proxy));
  const auto can_reach = [&](const sip::Listener& one) {
    const auto own = address_of(one.address);
    if (place && own && place->is_v6() != own->is_v6()) return false;
    if (parameters.find("transport=tls") != std::string::npos) return one.tls;
    if (parameters.find("transport=tcp") != std::string::npos) return one.tcp;
    if (parameters.find("transport=udp") != std::string::npos) return one.udp;
    return one.udp || one.tcp;
  };
  if (std::any_of(listen.begin(), listen.end(), can_reach)) return "";
  return "needs a listener of its transport and its kind of address in sip.listen";
}

}  // namespace clued::app
