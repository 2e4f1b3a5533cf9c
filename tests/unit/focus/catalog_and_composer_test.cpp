#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

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

TEST(CaptureCatalog, BoundsTheAudioOfOneToo) {
  auto content = room(1);
  for (int i = 1; i < 100; ++i) {
    content.captures.push_back(content.captures.back());
    content.captures.back().id = "AC" + std::to_string(i);
  }
  CaptureCatalog catalog(2, 3);
  catalog.offer(alice, 1, content);
  EXPECT_THAT(ids(catalog.entry(alice)->full->content), ElementsAre("p1-v1", "p1-a1", "p1-a2", "p1-a3"));
}

TEST(CaptureCatalog, HasNoEntryOfOneWhoseCapturesAreAllOfAKindThatIsNotTold) {
  CaptureCatalog catalog(0);
  auto content = room(2);
  EXPECT_TRUE(catalog.offer(alice, 1, content));
  content.captures.pop_back();  // the microphone
  EXPECT_TRUE(catalog.offer(alice, 1, content));
  EXPECT_EQ(catalog.entry(alice), nullptr);
  EXPECT_EQ(catalog.source("p1-a1"), nullptr);
  EXPECT_TRUE(catalog.offer(alice, 1, room(1)));
  EXPECT_THAT(ids(catalog.entry(alice)->full->content), SizeIs(1));
}

clue::AdvertisementContent talkative(unsigned cameras, std::size_t bytes) {
  auto content = room(cameras);
  content.captures.front().descriptions = {{"en", std::string(bytes, 'd')}};
  return content;
}

TEST(CaptureCatalog, ShowsWhoTakesMoreThanItsPartWithoutNamesOrNotAtAll) {
  CaptureCatalog catalog(8);
  catalog.offer(alice, 1, talkative(2, 1000));
  EXPECT_EQ(catalog.entry(alice)->shown, CaptureCatalog::Shown::in_full);
  catalog.offer(alice, 1, talkative(2, CaptureCatalog::max_part_bytes));
  EXPECT_EQ(catalog.entry(alice)->shown, CaptureCatalog::Shown::without_names);
  EXPECT_LE(catalog.entry(alice)->full->size(), CaptureCatalog::max_part_bytes);
  EXPECT_THAT(ids(catalog.entry(alice)->full->content), SizeIs(3));
  auto large = room(2);
  large.captures.front().view = std::string(CaptureCatalog::max_part_bytes, 'v');
  catalog.offer(alice, 1, large);
  EXPECT_EQ(catalog.entry(alice)->shown, CaptureCatalog::Shown::not_at_all);
  catalog.offer(alice, 1, room(2));
  EXPECT_EQ(catalog.entry(alice)->shown, CaptureCatalog::Shown::in_full);
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

  static Policy with_video() {
    Policy policy;
    policy.media.video_codecs = {{"H264/90000", 96, ""}};
    return policy;
  }

  Policy policy = with_video();
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

TEST_F(Composer, GoesOnBehindOneWhoDoesNotFit) {
  for (unsigned place = 1; place <= 3; ++place) {
    catalog = CaptureCatalog(8);
    for (unsigned number = 1; number <= 3; ++number) {
      catalog.offer(ParticipantId{number}, number, number == place ? talkative(8, 3000) : room(1));
    }
    told(ParticipantId{9}, 7'000);
    EXPECT_LE(last.advertisement->encode({}).size(), 7'000U);
    for (unsigned number = 1; number <= 3; ++number) {
      const bool is_told = last.advertisement->capture("p" + std::to_string(number) + "-v1") != nullptr;
      EXPECT_EQ(is_told, number != place) << number << " with a large one at " << place;
    }
    EXPECT_EQ(last.sources_left_out, 1U);
  }
}

TEST_F(Composer, TakesTheNamesOfTheLargeOneBeforeThoseOfTheOthers) {
  catalog.offer(alice, 1, talkative(1, 6000));
  catalog.offer(bob, 2, room(1));
  catalog.offer(carol, 3, room(1));
  const auto content = told(ParticipantId{9}, 10'000);
  EXPECT_THAT(ids(content), ElementsAre("p1-v1", "p1-a1", "p2-v1", "p2-a1", "p3-v1", "p3-a1", "mcc-v0", "mcc-a0"));
  EXPECT_EQ(last.sources_left_out, 0U);
  EXPECT_EQ(last.without_names, 1U);
  EXPECT_THAT(content.people, SizeIs(2));
}

TEST_F(Composer, WhoHasMoreThanItsShareOfTheCapturesIsToldLast) {
  policy.max_advertised_captures = 12;
  catalog.offer(alice, 1, room(8));
  for (unsigned number = 2; number <= 6; ++number) catalog.offer(ParticipantId{number}, number, room(1));
  const auto content = told(ParticipantId{9});
  EXPECT_EQ(last.captures_told, 10U);
  EXPECT_EQ(last.sources_left_out, 1U);
  EXPECT_EQ(last.advertisement->capture("p1-v1"), nullptr);
  policy.max_advertised_captures = 19;
  EXPECT_EQ(ids(told(ParticipantId{9})).front(), "p1-v1") << "and where there is room, in the order of joining";
}

TEST_F(Composer, FillsTheRoomHoweverLargeTheConferenceIs) {
  policy.max_advertised_captures = 7;
  for (unsigned number = 1; number <= 200; ++number) catalog.offer(ParticipantId{number}, number, room(2));
  catalog.offer(ParticipantId{201}, 201, room(0));
  told(ParticipantId{999});
  EXPECT_EQ(last.captures_told, 7U);
  EXPECT_EQ(last.sources_left_out, 198U);
  EXPECT_NE(last.advertisement->capture("p201-a1"), nullptr);
}

// Whoever is too large loses itself, however many of them have joined before.
TEST_F(Composer, ManyLargeOnesDoNotHideTheSmallOnesBehindThem) {
  for (const std::uint64_t limit : {7'000, 10'000, 20'000}) {
    catalog = CaptureCatalog(8);
    for (unsigned number = 1; number <= 40; ++number) {
      catalog.offer(ParticipantId{number}, number, talkative(8, 3000));
    }
    for (unsigned number = 41; number <= 43; ++number) catalog.offer(ParticipantId{number}, number, room(1));
    told(ParticipantId{99}, limit);
    EXPECT_LE(last.advertisement->encode({}).size(), limit);
    for (const auto* small : {"p41-v1", "p42-v1", "p43-v1"}) {
      EXPECT_NE(last.advertisement->capture(small), nullptr) << small << " in " << limit;
    }
  }
}

TEST_F(Composer, ManyWithAllTheirCapturesDoNotHideThoseWithFew) {
  policy.max_advertised_captures = 12;
  for (unsigned number = 1; number <= 40; ++number) catalog.offer(ParticipantId{number}, number, room(8));
  for (unsigned number = 41; number <= 43; ++number) catalog.offer(ParticipantId{number}, number, room(1));
  told(ParticipantId{99});
  for (const auto* small : {"p41-v1", "p42-v1", "p43-v1"}) EXPECT_NE(last.advertisement->capture(small), nullptr);
}

// The rule: whoever fits beside all who need up to four times as much is told, whoever else there is and whoever
// joined first.
TEST_F(Composer, WhoFitsBesideAllOfLikeSizeIsTold) {
  constexpr std::size_t frame = 3'000, of_a_capture = 300;  // more than references, encodings and sets take
  std::mt19937 chance(4711);
  const auto below = [&](std::size_t limit) { return std::size_t{chance()} % limit; };
  std::size_t told_of = 0, left_out = 0;
  for (int round = 0; round < 200; ++round) {
    catalog = CaptureCatalog(30);
    const auto members = static_cast<unsigned>(1 + below(60));
    for (unsigned number = 1; number <= members; ++number) {
      const auto cameras = static_cast<unsigned>(below(std::size_t{1} << below(6)));
      catalog.offer(ParticipantId{number}, number,
                    cameras == 0 ? room(0) : talkative(cameras, below(std::size_t{1} << below(14))));
    }
    policy.max_advertised_captures = 1 + below(100);
    policy.max_video_encodings = 30;
    const std::size_t limit = 4'000 + below(200'000);
    told(ParticipantId{999}, limit);
    EXPECT_LE(last.advertisement->encode({}).size(), limit);
    EXPECT_LE(last.captures_told, policy.max_advertised_captures);
    const auto size_of = [](const CaptureCatalog::Entry& entry) {
      return std::max(entry.renamed_ids.size(), (entry.full->size() + 511) / 512);
    };
    for (const auto& [number, one] : catalog.entries()) {
      if (one.shown == CaptureCatalog::Shown::not_at_all) continue;
      std::size_t captures = 0, bytes = frame;
      for (const auto& [other_number, other] : catalog.entries()) {
        if (other.shown == CaptureCatalog::Shown::not_at_all || size_of(other) > 4 * size_of(one)) continue;
        captures += other.renamed_ids.size();
        bytes += other.full->size() + other.renamed_ids.size() * of_a_capture;
      }
      const bool is_told = last.advertisement->capture(one.renamed_ids.front()) != nullptr;
      ++(is_told ? told_of : left_out);
      if (captures <= policy.max_advertised_captures && bytes <= limit) {
        EXPECT_TRUE(is_told) << "p" << number << " in round " << round;
      }
    }
  }
  EXPECT_GT(told_of, 500U);
  EXPECT_GT(left_out, 500U);
}

TEST_F(Composer, WithoutVideoCodecsThereIsNoVideo) {
  policy.media.video_codecs.clear();
  catalog = CaptureCatalog(0);
  catalog.offer(alice, 1, room(2));
  EXPECT_THAT(ids(told(bob)), ElementsAre("p1-a1", "mcc-a0"));
  EXPECT_EQ(last.video_encodings, 0U);
}

TEST_F(Composer, TellsTheConferenceSceneInFewerWordsWhereMessagesAreShort) {
  catalog.offer(alice, 1, room(2));
  told(bob, 100'000);
  const auto whole = AdvertisementComposer(policy).compose_conference_scene(catalog, bob, 0);
  const auto shortest = AdvertisementComposer(policy).compose_conference_scene(catalog, bob, 1);
  EXPECT_EQ(whole.sources_left_out, 1U);
  EXPECT_EQ(whole.video_encodings, 1U);
  EXPECT_THAT(ids(whole.advertisement->content()), ElementsAre("mcc-v0", "mcc-a0"));
  EXPECT_THAT(ids(shortest.advertisement->content()), ElementsAre("mcc-a0"));
  EXPECT_EQ(shortest.video_encodings, 0U);
  EXPECT_LT(shortest.advertisement->encode({}).size(), 1'300U);
  for (std::uint64_t limit = 1'000; limit < 4'000; limit += 50) {
    told(bob, limit);
    EXPECT_LE(last.advertisement->encode({}).size(), std::max<std::uint64_t>(limit, 1'300));
  }
}

TEST_F(Composer, EveryNumberOfVideoEncodingsAndCapturesMakesAValidAdvertisement) {
  for (unsigned encodings = 0; encodings <= 100; ++encodings) {
    policy.max_video_encodings = encodings;
    catalog = CaptureCatalog(encodings == 0 ? 0 : std::max(encodings, 2U) - 1);
    catalog.offer(alice, 1, room(2));
    catalog.offer(bob, 2, room(1));
    catalog.offer(carol, 3, room(9));
    for (const std::size_t captures : {1U, 2U, 3U, 4U, 5U, 16U, 32U, 1000U}) {
      policy.max_advertised_captures = captures;
      const auto content = told(ParticipantId{9});
      EXPECT_LE(last.video_encodings, encodings);
      for (const auto& group : content.encoding_groups) EXPECT_THAT(group.encoding_ids, Not(IsEmpty()));
      for (const auto& set : content.simultaneous_sets) EXPECT_THAT(set.scene_ids, Not(IsEmpty()));
      const bool has_video = std::any_of(content.captures.begin(), content.captures.end(),
                                         [](const auto& c) { return c.type == clue::MediaType::video; });
      EXPECT_EQ(has_video, encodings > 0);
    }
  }
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
