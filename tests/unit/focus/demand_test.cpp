#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "focus/capture_demand.hpp"
#include "focus/convergence.hpp"
#include "focus/refresh_view.hpp"
#include "focus/source_configuration.hpp"

namespace clued::focus {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr ParticipantId alice{1}, bob{2}, carol{3};

std::vector<clue::CaptureEncoding> wanted(std::initializer_list<const char*> captures) {
  std::vector<clue::CaptureEncoding> encodings;
  for (const char* capture : captures) encodings.push_back({"c", capture, "e", {}});
  return encodings;
}

TEST(CaptureDemand, KnowsWhatSomebodyWants) {
  CaptureDemand demand;
  EXPECT_THAT(demand.set(alice, wanted({"p2-v1", "p3-v1"})).captures, UnorderedElementsAre("p2-v1", "p3-v1"));
  EXPECT_THAT(demand.set(bob, wanted({"p3-v1"})).captures, IsEmpty()) << "it was wanted already";
  EXPECT_THAT(demand.set(alice, wanted({"p3-v1"})).captures, ElementsAre("p2-v1"));
  EXPECT_TRUE(demand.is_wanted("p3-v1", clue::MediaType::video, carol));
  EXPECT_FALSE(demand.is_wanted("p2-v1", clue::MediaType::video, bob));
  EXPECT_THAT(demand.remove(alice).captures, IsEmpty());
  EXPECT_THAT(demand.remove(bob).captures, ElementsAre("p3-v1"));
}

TEST(CaptureDemand, AConferenceCaptureWantsEverybodysButItsConsumers) {
  CaptureDemand demand;
  EXPECT_TRUE(demand.set(alice, wanted({"mcc-a0"})).everybody);
  EXPECT_TRUE(demand.is_wanted("p2-a1", clue::MediaType::audio, bob));
  EXPECT_FALSE(demand.is_wanted("p1-a1", clue::MediaType::audio, alice)) << "nobody hears itself";
  EXPECT_FALSE(demand.is_wanted("p2-v1", clue::MediaType::video, bob));
  EXPECT_TRUE(demand.set(bob, wanted({"mcc-a0"})).everybody) << "now alice's is wanted too";
  EXPECT_TRUE(demand.is_wanted("p1-a1", clue::MediaType::audio, alice));
  EXPECT_FALSE(demand.set(carol, wanted({"mcc-a0"})).everybody) << "the third changes nothing for any source";
  EXPECT_FALSE(demand.remove(carol).everybody);
  EXPECT_TRUE(demand.remove(bob).everybody);
  EXPECT_TRUE(demand.remove(alice).everybody);
  EXPECT_FALSE(demand.is_wanted("p2-a1", clue::MediaType::audio, bob));
}

TEST(RefreshView, SendsTheFirstAtOnceADepartureAtOnceAndSumsUpJoins) {
  const base::TimePoint start{1h};
  RefreshView view;
  EXPECT_FALSE(view.is_due(start));
  view.mark_stale(RefreshView::Urgency::summed_up, start, 200ms);
  EXPECT_EQ(view.due(), start + 200ms);
  view.mark_stale(RefreshView::Urgency::at_once, start, 200ms);
  EXPECT_TRUE(view.is_due(start));
  view.refreshed({}, 1, start);
  view.mark_stale(RefreshView::Urgency::summed_up, start + 1s, 200ms);
  EXPECT_EQ(view.due(), start + 1s + 200ms);
  view.mark_stale(RefreshView::Urgency::at_once, start + 1100ms, 200ms);
  EXPECT_EQ(view.due(), start + 1100ms) << "a departure is not delayed behind joins";
  view.refreshed({}, 2, start + 1100ms);
  view.mark_stale(RefreshView::Urgency::at_once, start + 1150ms, 200ms);
  EXPECT_EQ(view.due(), start + 1300ms) << "at most one within the window";
}

TEST(RefreshView, WhatMayWaitDelaysNothingElse) {
  const base::TimePoint start{1h};
  RefreshView view;
  view.refreshed({}, 1, start);
  view.mark_stale(start + 5s, 200ms);
  EXPECT_EQ(view.due(), start + 5s);
  view.mark_stale(RefreshView::Urgency::summed_up, start + 1s, 200ms);
  EXPECT_EQ(view.due(), start + 1200ms);
  view.mark_stale(start + 7s, 200ms);
  EXPECT_EQ(view.due(), start + 1200ms);
}

clue::AdvertisementContent two_cameras() {
  clue::AdvertisementContent content;
  for (const char* id : {"VC0", "VC1"}) {
    clue::MediaCapture capture;
    capture.type = clue::MediaType::video;
    capture.id = id;
    capture.encoding_group_id = "EG0";
    content.captures.push_back(capture);
  }
  content.encoding_groups.push_back({"EG0", 1, {"e1", "e2"}});
  return content;
}

const auto everything = [](const clue::MediaCapture&) { return true; };

TEST(SourceConfiguration, UsesEachEncodingOfTheGroupOnce) {
  const auto configuration = configure_source(two_cameras(),
                                              {{"e1", sdp::MediaKind::video, 3, true},
                                               {"e2", sdp::MediaKind::video, 4, true},
                                               {"x", sdp::MediaKind::video, 5, true}},
                                              everything);
  ASSERT_THAT(configuration.encodings, SizeIs(2));
  EXPECT_EQ(configuration.encodings[0].capture_id, "VC0");
  EXPECT_EQ(configuration.encodings[0].encoding_id, "e1");
  EXPECT_EQ(configuration.encodings[1].encoding_id, "e2");
  EXPECT_FALSE(configuration.lacks_streams);
}

TEST(SourceConfiguration, SaysWhenStreamsAreMissing) {
  const auto configuration = configure_source(
      two_cameras(), {{"e1", sdp::MediaKind::video, 3, true}, {"e2", sdp::MediaKind::video, 4, false}}, everything);
  EXPECT_THAT(configuration.encodings, SizeIs(1));
  EXPECT_TRUE(configuration.lacks_streams);
}

TEST(SourceConfiguration, LeavesOutWhatNobodyWantsOrCannotBeConfigured) {
  auto content = two_cameras();
  content.captures[1].encoding_group_id.reset();
  EXPECT_THAT(configure_source(content, {{"e1", sdp::MediaKind::video, 3, true}}, everything).encodings, SizeIs(1));
  EXPECT_THAT(configure_source(content, {}, [](const auto&) { return false; }).encodings, IsEmpty());
}

TEST(SourceConfiguration, GivesTheFirstFreeEncodingOfTheGroupInTheOrderOfTheSdp) {
  auto content = two_cameras();
  content.encoding_groups = {{"EG0", 1, {"e2", "shared"}}, {"EG1", 1, {"shared", "e1"}}};
  content.captures[1].encoding_group_id = "EG1";
  content.captures.push_back(content.captures[0]);
  content.captures.back().id = "VC2";
  const auto kind = sdp::MediaKind::video;
  const auto configuration =
      configure_source(content, {{"shared", kind, 3, true}, {"e1", kind, 4, true}, {"e2", kind, 5, true}}, everything);
  ASSERT_THAT(configuration.encodings, SizeIs(3));
  EXPECT_EQ(configuration.encodings[0].encoding_id, "shared");
  EXPECT_EQ(configuration.encodings[1].encoding_id, "e1") << "the shared one is taken";
  EXPECT_EQ(configuration.encodings[2].encoding_id, "e2");
}

TEST(SourceConfiguration, OfManyCapturesAndIdsAndOfGroupsThatAreNotThere) {
  auto content = two_cameras();
  content.encoding_groups.front().encoding_ids.clear();
  for (int i = 0; i < 3500; ++i) content.encoding_groups.front().encoding_ids.push_back("id" + std::to_string(i));
  for (int i = 2; i < 500; ++i) {
    content.captures.push_back(content.captures.front());
    content.captures.back().id = "VC" + std::to_string(i);
  }
  content.captures[7].encoding_group_id = "nowhere";
  std::vector<sdp::PeerEncoding> encodings;
  for (std::size_t i = 0; i < 32; ++i) {
    encodings.push_back({"id" + std::to_string(3499 - i), sdp::MediaKind::video, i, true, {}});
  }
  const auto configuration = configure_source(content, encodings, everything);
  ASSERT_THAT(configuration.encodings, SizeIs(32));
  EXPECT_TRUE(configuration.lacks_streams);
  EXPECT_EQ(configuration.encodings[6].encoding_id, "id3493");
  EXPECT_EQ(configuration.encodings[7].capture_id, "VC8");
}

sdp::PeerEncoding video_on(unsigned ordinal, bool active) {
  return {"e", sdp::MediaKind::video, 0, active, {sdp::StreamRole::receive, sdp::MediaKind::video, ordinal}};
}

std::vector<unsigned> ordinals(const std::vector<sdp::StreamKey>& streams) {
  std::vector<unsigned> found;
  for (const auto& stream : streams) found.push_back(stream.ordinal);
  return found;
}

TEST(ReceiveStreams, KeepThoseThatThePeerUsesAndAddOnlyWhatIsMissing) {
  const auto kind = sdp::MediaKind::video;
  EXPECT_THAT(ordinals(receive_streams({}, kind, 2)), ElementsAre(0, 1));
  EXPECT_THAT(ordinals(receive_streams({video_on(2, true), video_on(3, true)}, kind, 2)), ElementsAre(2, 3));
  EXPECT_THAT(ordinals(receive_streams({video_on(0, false), video_on(2, true)}, kind, 2)), ElementsAre(0, 2));
  EXPECT_THAT(ordinals(receive_streams({video_on(0, true), video_on(1, true)}, kind, 1)), ElementsAre(0));
  EXPECT_THAT(receive_streams({video_on(0, true)}, sdp::MediaKind::audio, 0), IsEmpty());
}

}  // namespace
}  // namespace clued::focus
