// What the fuzzer sends without being asked.
#include <algorithm>

#include "fuzz_process/mutation.hpp"
#include "fuzz_process/sip_fuzzer.hpp"

namespace clued::fuzz {

namespace {

constexpr std::size_t most_channels = 10;

/// Methods within a dialog, the more interesting ones more often.
constexpr const char* methods_within[] = {"INVITE",    "INVITE", "INVITE", "INVITE",  "UPDATE",  "UPDATE", "REFER",
                                          "REFER",     "REFER",  "ACK",    "BYE",     "CANCEL",  "PRACK",  "SUBSCRIBE",
                                          "SUBSCRIBE", "NOTIFY", "INFO",   "MESSAGE", "OPTIONS", "X"};
constexpr const char* methods_outside[] = {"OPTIONS", "OPTIONS",  "REFER",   "REFER",  "REFER",   "MESSAGE",
                                           "INFO",    "REGISTER", "PUBLISH", "UPDATE", "PRACK",   "BYE",
                                           "CANCEL",  "ACK",      "NOTIFY",  "INVITE", "UNKNOWN", "invite"};

}  // namespace

std::string SipFuzzer::some_uri(Random& random) const {
  const std::string host = "127.0.0.1:" + std::to_string(target_.sip_port);
  const auto kind = random.below(100);
  if (kind < 45 || (kind < 85 && conferences_.empty())) return "sip:factory@" + host;
  if (kind < 85) return random.pick(conferences_);
  if (kind < 92) return "sip:boardroom@" + host;
  if (kind < 95) return "sips:factory@" + host;
  return kind < 98 ? "sip:conf-none@" + host : "tel:+4930123;phone-context=" + odd_text(random);
}

void SipFuzzer::begin_call(std::uint64_t number, Random& random) {
  Call& call = add_call(number, random);
  call.target = call.peer_uri = some_uri(random);
  const auto channels =
      std::count_if(calls_.begin(), calls_.end(), [](const auto& one) { return one.second->channel != nullptr; });
  if (random.chance(20) && static_cast<std::size_t>(channels) < most_channels) {
    call.channel = std::make_unique<ChannelPeer>(reactor_, libraries_, mixed(seed_, number));
  }
  send(call.way, invite(call, random), random);
}

Draft SipFuzzer::invite(Call& call, Random& random) {
  call.invite_cseq = ++call.cseq;
  auto draft = request(call, "INVITE", call.cseq, next_branch());
  call.invite_via = draft.headers.front().second;
  const auto world = places();
  const bool honest = call.channel != nullptr || random.chance(40);
  const auto user = "u" + std::to_string(call.number);
  const bool stream = call.way.kind != Way::Kind::udp;
  // A contact that can be reached: most of what there is to be found lies behind the first answer.
  const auto own_contact = "<sip:" + user +
                           "@127.0.0.1:" + std::to_string(stream ? ways_.listener() : world.own.at(call.way.slot)) +
                           (stream ? ";transport=tcp>" : ";transport=udp>") + (random.chance(60) ? ";+sip.clue" : "");
  draft.add("Contact", honest || random.chance(60) ? own_contact : some_contact(random, world, user));
  draft.add("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY, UPDATE, PRACK, REFER");
  if (!honest && random.chance(60)) add_extensions(random, world, draft);
  if (!honest && random.chance(25)) add_odd_path(random, world, draft);
  if (honest && random.chance(30)) draft.add("Supported", "100rel, timer, replaces");
  if (random.chance(20)) draft.add("P-Asserted-Identity", "<" + call.own_uri + ">");
  add_body(call, draft, random);
  return draft;
}

void SipFuzzer::add_body(Call& call, Draft& draft, Random& random) {
  if (call.channel != nullptr) {
    call.offer = call.channel->offer();
    draft.body = {"application/sdp", call.offer};
    return;
  }
  const auto kind = random.below(100);
  const auto port = ways_.udp_ports().front();
  call.offer = session_description(random, port, kind >= 45);
  if (kind < 80) {
    draft.body = {"application/sdp", call.offer};
  } else if (kind < 90) {
    call.offer.clear();
  } else if (kind < 96) {
    std::vector<std::string> users;
    for (std::size_t i = random.below(random.chance(95) ? 5 : 100); i > 0; --i) {
      users.push_back("sip:c" + std::to_string(call.number * 100 + i) +
                      "@127.0.0.1:" + std::to_string(random.pick(ways_.udp_ports())));
    }
    draft.add("Require", "recipient-list-invite");
    draft.body = recipient_list(random, call.offer, users);
  } else {
    draft.body = other_body(random);
  }
}

void SipFuzzer::begin_subscription(std::uint64_t number, Random& random) {
  Call& call = add_call(number, random);
  call.kind = Call::Kind::subscription;
  call.target = call.peer_uri = some_uri(random);
  auto draft = request(call, "SUBSCRIBE", ++call.cseq, next_branch());
  const auto world = places();
  if (!world.users.empty() && random.chance(70)) call.own_uri = random.pick(world.users);
  draft.add("Contact",
            "<sip:u" + std::to_string(number) + "@127.0.0.1:" + std::to_string(random.pick(world.own)) + ">");
  draft.add("Event", random.chance(90) ? "conference" : "refer");
  draft.add("Expires", random.chance(80) ? std::to_string(random.below(10)) : odd_number(random));
  if (random.chance(30)) add_extensions(random, world, draft);
  if (random.chance(10)) add_odd_path(random, world, draft);
  send(call.way, draft, random);
}

void SipFuzzer::fill_reinvite(Call& call, Draft& draft, Random& random, bool has_offer) {
  if (!has_offer) return;
  const auto port = ways_.udp_ports().front();
  if (call.channel != nullptr && random.chance(70)) {
    draft.body = {"application/sdp", call.offer};
  } else if (!call.offer.empty() && random.chance(40)) {
    draft.body = {"application/sdp", random.chance(50) ? call.offer : spoiled_text(random, call.offer)};
  } else {
    draft.body = {"application/sdp", session_description(random, port, random.chance(60))};
  }
}

void SipFuzzer::within_call(Call& call, Random& random) {
  const std::string method = random.pick(methods_within);
  const auto world = places();
  if (method == "BYE" && random.chance(60)) {
    const auto id = call.call_id;
    leave(call, random);
    return forget(id);
  }
  const bool of_invite = method == "ACK" || method == "CANCEL";
  unsigned cseq = of_invite ? call.invite_cseq : ++call.cseq;
  if (random.chance(3)) cseq = static_cast<unsigned>(random.next() >> (random.chance(50) ? 33 : 60));
  auto draft = request(call, method, cseq, next_branch());
  if (method == "CANCEL") draft.headers.front().second = call.invite_via;
  if (method == "INVITE") {
    call.invite_cseq = cseq;
    call.invite_via = draft.headers.front().second;
  }
  if (!of_invite) {
    draft.add("Contact", random.chance(70) ? "<sip:u" + std::to_string(call.number) +
                                                 "@127.0.0.1:" + std::to_string(world.own.front()) + ">"
                                           : some_contact(random, world, "u" + std::to_string(call.number)));
  }
  if (method == "INVITE" || method == "UPDATE" || (method == "ACK" && random.chance(40)) ||
      (method == "PRACK" && random.chance(30))) {
    fill_reinvite(call, draft, random, random.chance(85));
  } else if (method == "REFER") {
    draft.add("Refer-To", some_refer_to(random, world, call.number * 1000 + call.cseq));
  } else if (method == "SUBSCRIBE") {
    draft.add("Event", random.chance(70) ? "conference" : "refer;id=" + std::to_string(random.below(5)));
    draft.add("Expires", std::to_string(random.below(10)));
  } else if (method == "NOTIFY") {
    draft.add("Event", "refer");
    draft.add("Subscription-State",
              random.chance(50) ? "terminated;reason=noresource" : "active;expires=" + odd_number(random));
    draft.body = {"message/sipfrag", "SIP/2.0 200 OK\r\n"};
  } else if (method == "PRACK") {
    draft.add("RAck", (call.rseq.empty() ? odd_number(random) : call.rseq) + " " + std::to_string(call.invite_cseq) +
                          " INVITE");
  } else if (random.chance(50)) {
    draft.body = other_body(random);
  }
  if (random.chance(25)) add_extensions(random, world, draft);
  if (random.chance(8)) add_odd_path(random, world, draft);
  send(random.chance(93) ? call.way : ways_.some_way(random), draft, random);
}

void SipFuzzer::leave(Call& call, Random& random) {
  if (call.kind == Call::Kind::subscription) {
    auto draft = request(call, "SUBSCRIBE", ++call.cseq, next_branch());
    draft.add("Event", "conference");
    draft.add("Expires", "0");
    draft.add("Contact", "<sip:u@127.0.0.1:" + std::to_string(ways_.udp_ports().front()) + ">");
    return ways_.send(call.way, draft.text(), random);
  }
  if (!call.confirmed && call.by_us) {
    auto cancel = request(call, "CANCEL", call.invite_cseq, next_branch());
    cancel.headers.front().second = call.invite_via;
    ways_.send(call.way, cancel.text(), random);
    if (call.peer_tag.empty()) return;
  }
  ways_.send(call.way, request(call, "BYE", ++call.cseq, next_branch()).text(), random);
}

void SipFuzzer::outside_of_calls(std::uint64_t number, Random& random) {
  const auto world = places();
  Call stranger;
  stranger.number = number;
  stranger.way = ways_.some_way(random);
  stranger.call_id = "o" + std::to_string(number) + "@127.0.0.1";
  stranger.own_tag = "o" + std::to_string(number);
  stranger.own_uri = world.users.empty() || random.chance(30) ? "sip:o@127.0.0.1" : random.pick(world.users);
  stranger.target = stranger.peer_uri = some_uri(random);
  if (random.chance(10)) stranger.peer_tag = "x";
  const std::string method = random.pick(methods_outside);
  auto draft = request(stranger, method, 1 + static_cast<unsigned>(random.below(100)), next_branch());
  if (random.chance(5)) draft.headers[2].second = odd_text(random);
  draft.add("Contact", some_contact(random, world, "o"));
  if (method == "REFER") {
    draft.add("Refer-To", some_refer_to(random, world, number));
    if (random.chance(10)) draft.add("Refer-To", some_refer_to(random, world, number));
  }
  if (random.chance(60)) add_extensions(random, world, draft);
  if (random.chance(30)) add_odd_path(random, world, draft);
  if (random.chance(30)) draft.body = other_body(random);
  send(stranger.way, draft, random);
}

void SipFuzzer::again(Random& random) {
  if (sent_.empty()) return;
  auto text = sent_[random.below(sent_.size())];
  if (random.chance(30)) {
    // Two in one: a datagram that is too long, or pipelining.
    text += sent_[random.below(sent_.size())];
  } else if (random.chance(60)) {
    text = random.chance(70) ? spoiled_text(random, std::move(text)) : spoiled_octets(random, std::move(text));
  }
  ways_.send(ways_.some_way(random), std::move(text), random);
}

void SipFuzzer::unasked_response(Random& random) {
  constexpr int statuses[] = {100, 180, 183, 199, 200, 202, 299, 302, 401, 404,
                              481, 487, 500, 503, 603, 699, 700, 99,  0};
  Call* const call = some_call(random);
  if (call == nullptr) return;
  const auto request_text = call->last_request;
  const auto asked = bench::parse_sip(request_text);
  if (asked && random.chance(70)) {
    const int status = random.pick(statuses);
    return respond(*asked, call->way, status, random, call, {"application/sdp", session_description(random, 9, true)});
  }
  auto draft = request(*call, random.chance(50) ? "INVITE" : "NOTIFY", call->cseq,
                       "z9hG4bK" + std::to_string(random.below(100)));
  draft.start = "SIP/2.0 " + std::to_string(random.pick(statuses)) + " unasked";
  send(call->way, draft, random);
}

}  // namespace clued::fuzz
