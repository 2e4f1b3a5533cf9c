// A peer takes messages up to a certain size (RFC 8841 section 6): nothing longer is sent, and nothing is waited for
// that was not.
#include "participant_bench.hpp"

namespace clued::clue::testing {
namespace {

Bench active(std::uint64_t max_message_bytes) {
  auto with_limit = settings();
  with_limit.max_message_bytes = max_message_bytes;
  Bench b(with_limit);
  b.establish(ChannelRole::receiver);
  EXPECT_EQ(b.options(), "optionsResponse, active MP MC");
  return b;
}

TEST(MessageSize, AnAdvertisementThatIsTooLongIsWithheldAndNotWaitedFor) {
  auto b = active(1000);
  EXPECT_EQ(b.advertise("a"), "withheld");
  EXPECT_EQ(b.participant.advertised(), nullptr);
  EXPECT_FALSE(b.participant.awaits_ack());
  EXPECT_FALSE(b.participant.next_deadline());
  EXPECT_EQ(b.ack(100), "ignored");
}

TEST(MessageSize, NumbersAreNotUsedUpByWhatIsNotSent) {
  const auto size = [] {
    auto b = active(0);
    b.advertise("short");
    return all_of<action::Transmit>(b.out).at(0).bytes.size();
  }();
  auto b = active(size);
  EXPECT_EQ(b.advertise(std::string(100, 'l')), "withheld");
  EXPECT_EQ(b.advertise("short"), "advertisement");
  EXPECT_EQ(b.transmitted<Advertisement>().header.sequence, 100U);
  EXPECT_EQ(b.ack(100), "acknowledged");
}

TEST(MessageSize, AConfigureAsksForAsMuchAsFits) {
  auto b = active(700);
  EXPECT_EQ(b.advertisement(), "received");
  const std::vector<CaptureEncoding> many(20, chosen("peer").front());
  EXPECT_EQ(b.with([&] { b.participant.accept_advertisement(many, b.now, b.out); }).substr(0, 10), "reduced by");
  const auto sent = all_of<action::Transmit>(b.out);
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_LE(sent.front().bytes.size(), 700U);
  EXPECT_EQ(b.configure_response(1000), "answered 200");
}

TEST(MessageSize, APeerThatTakesNoMessageAtAllIsGivenUp) {
  auto with_limit = settings();
  with_limit.max_message_bytes = 50;
  Bench b(with_limit);
  EXPECT_EQ(b.establish(ChannelRole::initiator), "failed");
  EXPECT_EQ(b.state(), "IDLE");
  Bench receiver(with_limit);
  receiver.establish(ChannelRole::receiver);
  EXPECT_EQ(receiver.options(), "failed");
  EXPECT_FALSE(receiver.participant.next_deadline());
}

}  // namespace
}  // namespace clued::clue::testing
