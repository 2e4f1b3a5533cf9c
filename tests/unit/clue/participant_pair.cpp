#include "participant_pair.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace clued::clue::testing {

Settings Pair::settings(std::string clue_id, std::uint32_t start) {
  Settings result;
  result.clue_id = std::move(clue_id);
  result.starts = {start, start + 1000, start + 2000};
  return result;
}

void Pair::connect(ChannelRole role_of_a) {
  a.participant.start_channel();
  b.participant.start_channel();
  const bool a_first = role_of_a == ChannelRole::initiator;
  with(a, [&](Actions& out) { a.participant.channel_established(role_of_a, now, out); });
  const auto other = a_first ? ChannelRole::receiver : ChannelRole::initiator;
  with(b, [&](Actions& out) { b.participant.channel_established(other, now, out); });
}

void Pair::cut() {
  for (End* end : {&a, &b}) {
    end->participant.session_ended();
    end->inbox.clear();
    end->to_do.clear();
    end->offered.reset();
    end->advertisement_outstanding = end->configure_outstanding = false;
    end->acknowledged.reset();
    end->acknowledged_with_configure.reset();
    end->initiation_number = end->provider_number = end->consumer_number = std::nullopt;
  }
}

void Pair::advertise(End& end, std::shared_ptr<const ComposedAdvertisement> wanted) {
  end.wanted = std::move(wanted);
  with(end, [&](Actions& out) { end.participant.advertise(end.wanted, now, out); });
}

void Pair::choose(End& end, std::size_t cameras) {
  end.cameras = cameras;
  if (end.offered) with(end, [&](Actions& out) { end.participant.configure(end.choice(), now, out); });
}

void Pair::run_until(base::TimePoint end_of_run) {
  while (const auto next = next_event()) {
    if (*next > end_of_run) break;
    now = std::max(now, *next);
    step();
  }
  now = std::max(now, end_of_run);
}

void Pair::run() {
  for (int steps = 0; next_event(); ++steps) {
    ASSERT_LT(steps, 10'000) << "they never come to rest";
    now = std::max(now, *next_event());
    step();
  }
}

void Pair::expect_converged() {
  expect_converged(a, b);
  expect_converged(b, a);
}

void Pair::expect_converged(const End& provider, const End& consumer) {
  if (!provider.wanted) return;
  ASSERT_EQ(provider.participant.state(), ClueParticipant::State::active);
  ASSERT_TRUE(consumer.participant.consumer() && consumer.participant.consumer()->advertisement());
  EXPECT_EQ(consumer.participant.consumer()->advertisement()->content, provider.wanted->content());
  EXPECT_EQ(consumer.participant.consumer()->state(), MediaConsumer::State::established);
  EXPECT_EQ(provider.participant.provider()->state(), MediaProvider::State::established);
  EXPECT_EQ(provider.participant.provider()->configured(), consumer.choice());
  EXPECT_EQ(consumer.participant.consumer()->configured(), consumer.choice());
}

base::Deadline Pair::next_event() const {
  base::Deadline next;
  for (const End* end : {&a, &b}) {
    next = base::earlier(next, end->participant.next_deadline());
    if (!end->inbox.empty()) next = base::earlier(next, end->inbox.front().first);
    for (const auto& decision : end->to_do) next = base::earlier(next, decision.first);
  }
  return next;
}

void Pair::step() {
  for (End* end : {&a, &b}) {
    if (!end->inbox.empty() && end->inbox.front().first <= now) {
      const std::string bytes = std::move(end->inbox.front().second);
      end->inbox.pop_front();
      with(*end, [&](Actions& out) { end->participant.receive(bytes, now, out); });
    }
    const auto due =
        std::find_if(end->to_do.begin(), end->to_do.end(), [&](const auto& one) { return one.first <= now; });
    if (due != end->to_do.end()) {
      const auto decision = std::move(due->second);
      end->to_do.erase(due);
      decision();
    }
    with(*end, [&](Actions& out) { end->participant.handle_timeout(now, out); });
  }
}

void Pair::with(End& end, const std::function<void(Actions&)>& something) {
  Actions out;
  something(out);
  for (auto& action : out) {
    std::visit([&](auto& one) { on(end, one); }, action);
    end.history.push_back(std::move(action));
  }
}

void Pair::on(End& end, action::Transmit& message) {
  check(end, message);
  if (!end.loses || !end.loses(message)) {
    End& other = &end == &a ? b : a;
    const auto earliest = other.inbox.empty() ? now : other.inbox.back().first;
    other.inbox.emplace_back(std::max(earliest, now + delay()), message.bytes);
  }
  message.bytes.clear();
}

void Pair::on(End& end, const action::BecameActive&) {
  if (end.wanted) advertise(end, end.wanted);
}

void Pair::on(End& end, const action::AdvertisementReceived& received) {
  end.offered = *received.advertisement;
  end.configure_outstanding = false;
  const Answer answer = end.answer();
  if (answer.kind == Answer::Kind::nothing) return;
  end.to_do.clear();  // What the owner had in mind for the advertisement before is void.
  end.to_do.emplace_back(now + answer.after, [this, &end, answer] { decide(end, answer); });
}

void Pair::on(End& end, const action::AdvertisementAcknowledged&) { end.advertisement_outstanding = false; }

void Pair::on(End& end, const action::AdvertisementRefused&) { end.advertisement_outstanding = false; }

void Pair::on(End& end, const action::ConfigureAnswered&) { end.configure_outstanding = false; }

void Pair::on(End& end, const action::GuardExpired& guard) {
  if (std::string(guard.state) == "WAIT FOR ACK") end.advertisement_outstanding = false;
  if (std::string(guard.state) == "WAIT FOR CONF RESPONSE") end.configure_outstanding = false;
}

void Pair::decide(End& end, const Answer& answer) {
  switch (answer.kind) {
    case Answer::Kind::configure_with_ack:
      with(end, [&](Actions& out) { end.participant.accept_advertisement(end.choice(), now, out); });
      return;
    case Answer::Kind::ack_then_configure:
      with(end, [&](Actions& out) { end.participant.accept_advertisement(std::nullopt, now, out); });
      end.to_do.emplace_back(now + answer.after, [this, &end] {
        with(end, [&](Actions& out) { end.participant.configure(end.choice(), now, out); });
      });
      return;
    case Answer::Kind::nack:
      with(end,
           [&](Actions& out) { end.participant.reject_advertisement(ResponseCode::semantic_errors, "no", now, out); });
      return;
    case Answer::Kind::nothing:
      return;
  }
}

/// Numbers count up by one in each of three streams (CP-09); one advertisement and one configure at most wait for an
/// answer; what was acknowledged by an ack is not acknowledged again by its configure (CP-13).
void Pair::check(End& end, const action::Transmit& transmit) {
  const auto message = decode(transmit.bytes);
  ASSERT_TRUE(message) << transmit.bytes;
  const std::string name = transmit.message_name;
  auto& last = name == "advertisement" || name == "configureResponse" ? end.provider_number
               : name == "configure" || name == "ack"                 ? end.consumer_number
                                                                      : end.initiation_number;
  EXPECT_EQ(transmit.sequence, last.value_or(transmit.sequence - 1) + 1) << name;
  last = transmit.sequence;
  if (name == "advertisement") {
    EXPECT_FALSE(std::exchange(end.advertisement_outstanding, true)) << "two advertisements outstanding";
  } else if (const auto* ack = std::get_if<Ack>(&*message)) {
    if (is_success(ack->code)) end.acknowledged = ack->advertisement_sequence;
  } else if (const auto* configure = std::get_if<Configure>(&*message)) {
    EXPECT_FALSE(std::exchange(end.configure_outstanding, true)) << "two configures outstanding";
    if (configure->ack) {
      EXPECT_NE(end.acknowledged, configure->advertisement_sequence) << "acknowledged twice";
      end.acknowledged_with_configure = configure->advertisement_sequence;
    } else {
      EXPECT_TRUE(end.acknowledged == configure->advertisement_sequence ||
                  end.acknowledged_with_configure == configure->advertisement_sequence)
          << "not acknowledged";
    }
  }
}

}  // namespace clued::clue::testing
