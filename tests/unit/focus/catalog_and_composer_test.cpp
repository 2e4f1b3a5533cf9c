#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clue/validation.hpp"
#include "focus/advertisement_composer.hpp"
#include "focus/capture_catalog.hpp"

namespace clued::focus {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

clue::AdvertisementContent room(unsigned cameras, const std::string& prefix = "") {
  clue::AdvertisementContent content;
  clue::CaptureScene scene;
  scene.id = prefix + "CS1";
  scene.descriptions = {{"en", "a room"}};
  clue::SceneView videos{prefix + "V1", {}, {}}, audios{prefix + "A1", {}, {prefix + "AC0"}};
  for (unsigned i = 0; i < cameras; ++i) {
    clue::MediaCapture capture;
    capture.type = clue::MediaType::video;
    capture.media_type = "video";
    capture.id = prefix + "VC" + std::to_string(i);
    capture.scene_id = scene.id;
    capture.encoding_group_id = prefix + "EG";
    capture.person_ids = {prefix + "owner", "nobody"};
    videos.capture_ids.push_back(capture.id);
    content.captures.push_back(std::move(capture));
  }
  clue::MediaCapture audio;
  audio.type = clue::MediaType::audio;
  audio.media_type = "audio";
  audio.id = prefix + "AC0";
  audio.scene_id = scene.id;
  audio.encoding_group_id = prefix + "EG";
  content.captures.push_back(std::move(audio));
  scene.views = {std::move(videos), std::move(audios)};
  content.scenes.push_back(std::move(scene));
  content.people.push_back({prefix + "owner", clue::PersonCard{"Owner"}, {}});
  return content;
}

std::vector<std::string> ids(const clue::AdvertisementContent& content) {
  std::vector<std::string> found;
  for (const auto& capture : content.captures) found.push_back(capture.id);
  return found;
}

constexpr ParticipantId alice{1}, bob{2}, carol{3};

TEST(CaptureCatalog, RenamesEqualIdsOfDifferentSourcesApart) {
  CaptureCatalog catalog(8);
  catalog.offer(alice, 1, room(2));
  catalog.offer(bob, 2, room(1));
  EXPECT_THAT(ids(catalog.entry(alice)->full->content), ElementsAre("p1-v1", "p1-v2", "p1-a1"));
  EXPECT_THAT(ids(catalog.entry(bob)->full->content), ElementsAre("p2-v1", "p2-a1"));
  ASSERT_NE(catalog.source("p2-v1"), nullptr);
  EXPECT_EQ(catalog.source("p2-v1")->participant, bob);
  EXPECT_EQ(catalog.source("p2-v1")->capture_id, "VC0");
  EXPECT_EQ(*catalog.renamed(alice, "VC1"), "p1-v2");
}

TEST(CaptureCatalog, KeepsTheIdsOfWhatStaysAndNeverGivesOneTwice) {
  CaptureCatalog catalog(8);
  catalog.offer(alice, 1, room(2));
  EXPECT_FALSE(catalog.offer(alice, 1, room(2))) << "the same again changes nothing";
  EXPECT_TRUE(catalog.offer(alice, 1, room(1)));
  EXPECT_THAT(ids(catalog.entry(alice)->full->content), ElementsAre("p1-v1", "p1-a1"));
  EXPECT_EQ(catalog.source("p1-v2"), nullptr);
  EXPECT_TRUE(catalog.offer(alice, 1, room(2)));
  EXPECT_THAT(ids(catalog.entry(alice)->full->content), ElementsAre("p1-v1", "p1-v3", "p1-a1"));
}

TEST(CaptureCatalog, DropsReferencesThatLeadNowhere) {
  CaptureCatalog catalog(8);
  catalog.offer(alice, 1, room(1));
  EXPECT_THAT(catalog.entry(alice)->full->content.captures[0].person_ids, ElementsAre("p1-h1"));
}

TEST(CaptureCatalog, ForgetsWhoIsGone) {
  CaptureCatalog catalog(8);
  catalog.offer(alice, 1, room(1));
  EXPECT_TRUE(catalog.remove(alice));
  EXPECT_FALSE(catalog.remove(alice));
  EXPECT_THAT(catalog.entries(), IsEmpty());
  EXPECT_EQ(catalog.source("p1-v1"), nullptr);
  EXPECT_EQ(catalog.entry(alice), nullptr);
}

TEST(CaptureCatalog, BoundsWhatOneParticipantCanPutBeforeTheOthers) {
  CaptureCatalog catalog(2);
  catalog.offer(alice, 1, room(100));
  EXPECT_EQ(catalog.entry(alice)->encodable_video, 2U);
}

class Composer : public ::testing::Test {
 protected:
  clue::AdvertisementContent told(ParticipantId recipient, std::uint64_t max_bytes = 0) {
    const auto composition = AdvertisementComposer(policy).compose(catalog, recipient, max_bytes);
    last = composition;
    auto content = composition.advertisement->content();
    const auto valid = clue::validate(content);
    EXPECT_TRUE(valid) << valid.error().reason;
    return content;
  }

  Policy policy;
  CaptureCatalog catalog{8};
  Composition last;
};

TEST_F(Composer, TellsAnEmptyConferenceOfTheConferenceSceneAlone) {
  EXPECT_THAT(ids(told(alice)), ElementsAre("mcc-v0", "mcc-a0"));
  EXPECT_EQ(last.video_encodings, 1U);
  EXPECT_EQ(last.audio_encodings, 1U);
}

TEST_F(Composer, NeverTellsOneOfItsOwnCaptures) {
  catalog.offer(alice, 1, room(2));
  catalog.offer(bob, 2, room(1));
  EXPECT_THAT(ids(told(alice)), ElementsAre("p2-v1", "p2-a1", "mcc-v0", "mcc-a0"));
  EXPECT_THAT(last.advertisement->encode({}), Not(HasSubstr("p1-")));
  EXPECT_EQ(last.video_encodings, 2U);
}

TEST_F(Composer, ListsInTheConferenceCapturesWhatTheyAreMadeOf) {
  catalog.offer(alice, 1, room(2));
  const auto content = told(bob);
  const auto& video = content.captures[3];
  ASSERT_EQ(video.id, "mcc-v0");
  EXPECT_THAT(video.multiple->content->capture_ids, ElementsAre("p1-v1", "p1-v2"));
}

TEST_F(Composer, LeavesWholeParticipantsOutBeyondTheLimit) {
  policy.max_advertised_captures = 5;
  catalog.offer(alice, 1, room(2));
  catalog.offer(bob, 2, room(2));
  EXPECT_THAT(ids(told(carol)), ElementsAre("p1-v1", "p1-v2", "p1-a1", "mcc-v0", "mcc-a0"));
  EXPECT_EQ(last.sources_left_out, 1U);
  EXPECT_FALSE(last.advertisement->capture("mcc-v0")->multiple->content) << "any source";
}

TEST_F(Composer, GoesWithoutDescriptionsBeforeItLeavesAnybodyOut) {
  catalog.offer(alice, 1, room(3));
  catalog.offer(bob, 2, room(3));
  told(carol);
  const auto full_size = last.advertisement->encode({}).size();
  for (std::uint64_t limit = 3'500; limit < full_size + 4'000; limit += 100) {
    told(carol, limit);
    EXPECT_LE(last.advertisement->encode({}).size(), limit);
  }
  EXPECT_EQ(last.sources_left_out, 0U);
}

TEST_F(Composer, SaysWhichScenesCanBeHadTogetherWhenEncodingsAreFew) {
  policy.max_video_encodings = 4;
  catalog.offer(alice, 1, room(2));
  catalog.offer(bob, 2, room(1));
  catalog.offer(carol, 3, room(3));
  const auto content = told(ParticipantId{9});
  EXPECT_EQ(last.video_encodings, 4U);
  ASSERT_THAT(content.simultaneous_sets, SizeIs(2));
  EXPECT_THAT(content.simultaneous_sets[0].scene_ids, ElementsAre("s-conf", "p1-s1", "p2-s1"));
  EXPECT_THAT(content.simultaneous_sets[1].scene_ids, ElementsAre("s-conf", "p3-s1"));
}

}  // namespace
}  // namespace clued::focus
