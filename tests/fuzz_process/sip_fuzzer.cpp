#include "fuzz_process/sip_fuzzer.hpp"

#include <algorithm>

#include "fuzz_process/mutation.hpp"

namespace clued::fuzz {

namespace {

constexpr std::size_t most_calls = 50;
constexpr std::size_t most_ports = 64;
constexpr std::size_t most_sent = 30;

}  // namespace

SipFuzzer::SipFuzzer(Reactor& reactor, ChannelLibraries& libraries, std::uint64_t seed)
    : reactor_(reactor),
      libraries_(libraries),
      seed_(seed),
      ways_(reactor, libraries.dtls.certificate(), [this](const std::string& text, Way way) { received(text, way); }) {}

void SipFuzzer::aim(const Target& target) {
  target_ = target;
  ways_.aim(target.sip_port, target.tls_port);
}

void SipFuzzer::step(std::uint64_t number, Random& random) {
  const auto kind = random.below(100);
  Call* const call = some_call(random);
  if (kind < 16 || call == nullptr) {
    begin_call(number, random);
  } else if (kind < 66) {
    within_call(*call, random);
  } else if (kind < 78) {
    outside_of_calls(number, random);
  } else if (kind < 82) {
    begin_subscription(number, random);
  } else if (kind < 86) {
    unasked_response(random);
  } else if (kind < 92) {
    again(random);
  } else {
    ways_.disturb(random);
  }
  make_room();
}

bool SipFuzzer::step_channel(Random& random) {
  // The one whose number is nearest to a number by chance: the same one even when others are missing in a replay.
  const auto wish = random.next();
  Call* nearest = nullptr;
  for (const auto& [id, call] : calls_) {
    if (call->channel == nullptr) continue;
    if (nearest == nullptr || mixed(wish, call->number) > mixed(wish, nearest->number)) nearest = call.get();
  }
  if (nearest == nullptr) return false;
  nearest->channel->step(random);
  return true;
}

void SipFuzzer::tick(base::TimePoint now) {
  finished_.clear();
  for (const auto& [id, call] : calls_) {
    if (call->channel != nullptr) call->channel->tick(now);
  }
  ways_.sweep();
}

void SipFuzzer::end_all() {
  quiet_ = true;
  ways_.be_honest();
  Random random(seed_);
  while (!calls_.empty()) {
    auto& call = *calls_.begin()->second;
    const auto id = call.call_id;
    leave(call, random);
    forget(id);
  }
  finished_.clear();
}

Call& SipFuzzer::add_call(std::uint64_t number, Random& random) {
  auto call = std::make_unique<Call>();
  call->number = number;
  call->way = ways_.some_way(random);
  call->call_id = "f" + std::to_string(number) + "-" + std::to_string(seed_ % 100'000) + "@127.0.0.1";
  call->own_tag = "t" + std::to_string(number);
  call->own_uri = "sip:u" + std::to_string(number) + "@127.0.0.1";
  auto& place = calls_[call->call_id];
  place = std::move(call);
  return *place;
}

void SipFuzzer::make_room() {
  while (calls_.size() > most_calls) {
    const auto oldest = std::min_element(
        calls_.begin(), calls_.end(), [](const auto& a, const auto& b) { return a.second->number < b.second->number; });
    Random random(mixed(seed_, oldest->second->number));
    const auto id = oldest->first;
    leave(*oldest->second, random);
    forget(id);
  }
}

void SipFuzzer::forget(const std::string& call_id) {
  const auto found = calls_.find(call_id);
  if (found == calls_.end()) return;
  finished_.push_back(std::move(found->second));
  calls_.erase(found);
}

Call* SipFuzzer::some_call(Random& random) {
  const auto wish = random.next();
  Call* nearest = nullptr;
  for (const auto& [id, call] : calls_) {
    if (nearest == nullptr || mixed(wish, call->number) > mixed(wish, nearest->number)) nearest = call.get();
  }
  return nearest;
}

Call* SipFuzzer::find(const std::string& call_id) {
  const auto found = calls_.find(call_id);
  return found == calls_.end() ? nullptr : found->second.get();
}

Draft SipFuzzer::request(const Call& call, const std::string& method, unsigned cseq, const std::string& branch) const {
  Draft draft;
  draft.start = method + " " + call.target + " SIP/2.0";
  draft.add("Via", ways_.via(call.way) + ";branch=" + branch + ";rport");
  draft.add("Max-Forwards", "70");
  for (const auto& route : call.routes) draft.add("Route", route);
  draft.add("From", "<" + call.own_uri + ">;tag=" + call.own_tag);
  draft.add("To", "<" + call.peer_uri + ">" + (call.peer_tag.empty() ? "" : ";tag=" + call.peer_tag));
  draft.add("Call-ID", call.call_id);
  draft.add("CSeq", std::to_string(cseq) + " " + method);
  return draft;
}

void SipFuzzer::send(Way way, const Draft& draft, Random& random) {
  auto text = random.chance(20) ? draft.odd_text(random) : draft.text();
  if (random.chance(12)) text = spoiled_text(random, std::move(text));
  if (random.chance(2)) text = spoiled_octets(random, std::move(text));
  sent_.push_back(text);
  if (sent_.size() > most_sent) sent_.pop_front();
  ways_.send(way, std::move(text), random);
}

void SipFuzzer::note_ports(Call& call, const std::string& description) {
  call.ports = fuzz::media_ports(description);
  for (const auto port : call.ports) media_ports_.push_back(port);
  while (media_ports_.size() > most_ports) media_ports_.pop_front();
}

Places SipFuzzer::places() const {
  Places places;
  places.daemon = target_.sip_port;
  places.own = ways_.udp_ports();
  places.listener = ways_.listener();
  places.tls_listener = ways_.tls_listener();
  places.names = target_.names;
  for (const auto& [id, call] : calls_) {
    places.users.push_back(call->own_uri);
    places.dialogs.push_back(call->as_replaced());
  }
  places.conferences = {conferences_.begin(), conferences_.end()};
  return places;
}

}  // namespace clued::fuzz
