// Every example of RFC 8846 and RFC 8847, and the messages of the main scenario, mean what they should.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "clue/codec.hpp"
#include "clue/composed_advertisement.hpp"
#include "clue/validation.hpp"
#include "spec/clue_spec_support.hpp"

namespace clued::clue {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// Each example of RFC 8847 exists as it was published (with the wrong xsi namespace) and repaired.
class ClueExamples : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!testing::has_spec_data()) GTEST_SKIP() << "there are no specifications in " << clued::testing::spec_dir();
  }

  template <class M>
  M read(const std::string& file) {
    return read_text<M>(testing::spec_file(std::string(GetParam()) + file));
  }

  template <class M>
  static M read_text(const std::string& text) {
    auto message = decode(text);
    if (!message) {
      ADD_FAILURE() << message.error().reason;
      return {};
    }
    if (!std::holds_alternative<M>(*message)) {
      ADD_FAILURE() << "is a " << name_of(*message);
      return {};
    }
    return std::get<M>(*std::move(message));
  }
};

INSTANTIATE_TEST_SUITE_P(Rfc, ClueExamples, ::testing::Values("", "fixed/"),
                         [](const auto& param_info) { return *param_info.param == 0 ? "published" : "repaired"; });

TEST_P(ClueExamples, Options) {
  const auto options = read<Options>("rfc8847-msg1-options.xml");
  EXPECT_EQ(options.header, (Header{{1, 4}, "CP1", 51}));
  EXPECT_TRUE(options.media_provider);
  EXPECT_TRUE(options.media_consumer);
  EXPECT_THAT(options.supported_versions, ElementsAre(Version{1, 4}, Version{2, 7}));
  ASSERT_THAT(options.supported_extensions, SizeIs(5));
  EXPECT_EQ(options.supported_extensions[3], (Extension{"E4", "URL_E4", {2, 7}}));
}

TEST_P(ClueExamples, OptionsResponse) {
  const auto response = read<OptionsResponse>("rfc8847-msg2-optionsResponse.xml");
  EXPECT_EQ(response.header, (Header{{1, 4}, "CP2", 62}));
  EXPECT_EQ(response.code, ResponseCode::success);
  EXPECT_EQ(response.reason, "Success");
  EXPECT_EQ(response.media_provider, true);
  EXPECT_EQ(response.media_consumer, true);
  EXPECT_EQ(response.version, (Version{2, 7}));
  EXPECT_THAT(response.common_extensions, IsEmpty());
}

TEST_P(ClueExamples, FirstAdvertisement) {
  const auto advertisement = read<Advertisement>("rfc8847-msg3-advertisement.xml");
  EXPECT_EQ(advertisement.header, (Header{{2, 7}, "CP1", 11}));
  const auto& content = advertisement.content;
  std::vector<std::string> ids;
  for (const auto& capture : content.captures) ids.push_back(capture.id);
  EXPECT_THAT(ids, ElementsAre("AC0", "VC0", "VC1", "VC2", "VC3", "VC4"));
  EXPECT_EQ(content.captures[0].type, MediaType::audio);
  for (std::size_t i = 1; i < content.captures.size(); ++i) EXPECT_EQ(content.captures[i].type, MediaType::video);
  EXPECT_FALSE(content.captures[0].multiple);
  ASSERT_TRUE(content.captures[4].multiple);
  EXPECT_THAT(content.captures[4].multiple->content->scene_view_ids, ElementsAre("SE1"));
  EXPECT_EQ(content.captures[4].multiple->policy, "SoundLevel:0");
  EXPECT_EQ(content.captures[1].descriptions, (std::vector<LocalizedText>{{"en", "left camera video capture"}}));
  EXPECT_EQ(content.captures[1].languages, std::vector<std::string>{"it"});
  EXPECT_EQ(content.captures[1].mobility, Mobility::fixed);
  EXPECT_EQ(content.captures[1].view, "individual");
  EXPECT_THAT(content.captures[0].person_ids, ElementsAre("alice", "bob", "ciccio"));
  ASSERT_THAT(content.people, SizeIs(3));
  EXPECT_EQ(content.people[2].card->full_name, "Ciccio");
  EXPECT_THAT(content.people[2].types, ElementsAre("chairman", "timekeeper"));
  const auto valid = validate(content);
  EXPECT_TRUE(valid.has_value()) << valid.error().reason;
}

TEST_P(ClueExamples, SecondAdvertisement) {
  const auto advertisement = read<Advertisement>("rfc8847-msg6-advertisement.xml");
  EXPECT_EQ(advertisement.header, (Header{{2, 7}, "CP1", 13}));
  const auto& content = advertisement.content;
  ASSERT_THAT(content.captures, SizeIs(9));
  const auto& pips = content.captures[8];
  EXPECT_EQ(pips.id, "VC7");
  EXPECT_THAT(pips.multiple->content->capture_ids, ElementsAre("VC3", "VC5", "VC6"));
  EXPECT_EQ(pips.multiple->max_captures, (MaxCaptures{.count = 3, .exact_number = true}));
  EXPECT_EQ(pips.encoding_group_id, "EG0");
  EXPECT_FALSE(content.captures[6].encoding_group_id);
  const auto& zoomed = content.captures[5];
  EXPECT_EQ(zoomed.spatial->capture_origin->capture_point, (Point{0, 0, 10}));
  EXPECT_EQ(zoomed.spatial->capture_area->top_right, (Point{3, 20, 13}));
  EXPECT_EQ(content.encoding_groups, (std::vector<EncodingGroup>{{"EG0", 600'000, {"ENC1", "ENC2", "ENC3"}},
                                                                 {"EG1", 300'000, {"ENC4", "ENC5"}}}));
  ASSERT_THAT(content.scenes, SizeIs(1));
  EXPECT_EQ(content.scenes[0].scale, SceneScale::unknown);
  ASSERT_THAT(content.scenes[0].views, SizeIs(5));
  EXPECT_EQ(content.scenes[0].views[2].id, "SE5");
  EXPECT_EQ(content.scenes[0].views[2].descriptions[0].text, "loudest segment of the room + pips");
  ASSERT_THAT(content.simultaneous_sets, SizeIs(2));
  EXPECT_THAT(content.simultaneous_sets[0].capture_ids, ElementsAre("VC3", "VC7"));
  EXPECT_THAT(content.simultaneous_sets[0].scene_view_ids, ElementsAre("SE1"));
  const auto valid = validate(content);
  EXPECT_TRUE(valid.has_value()) << valid.error().reason;
}

TEST_P(ClueExamples, Configures) {
  const auto first = read<Configure>("rfc8847-msg4-configure.xml");
  EXPECT_EQ(first.header, (Header{{2, 7}, "CP2", 22}));
  EXPECT_EQ(first.advertisement_sequence, 11U);
  EXPECT_EQ(first.ack, ResponseCode::success);
  EXPECT_THAT(first.encodings, ElementsAre(CaptureEncoding{"ce123", "AC0", "ENC4", std::nullopt},
                                           CaptureEncoding{"ce223", "VC3", "ENC1", CaptureContent{{}, {"SE1"}}}));
  const auto second = read<Configure>("rfc8847-msg8-configure.xml");
  EXPECT_EQ(second.advertisement_sequence, 13U);
  EXPECT_FALSE(second.ack);
  EXPECT_THAT(second.encodings, SizeIs(2));
}

// What the first configure asks for is all of VC3's content, which is no choice.
TEST_P(ClueExamples, TheFirstConfigureFitsTheFirstAdvertisement) {
  const ComposedAdvertisement told({make_part(read<Advertisement>("rfc8847-msg3-advertisement.xml").content)});
  const auto valid = validate(read<Configure>("rfc8847-msg4-configure.xml").encodings, told);
  EXPECT_TRUE(valid.has_value()) << valid.error().reason;
}

// The second one chooses SE5, which holds VC7 itself and is none of VC7's sources, and no choice was offered.
TEST_P(ClueExamples, TheSecondConfigureMakesAChoiceThatWasNotOffered) {
  const ComposedAdvertisement told({make_part(read<Advertisement>("rfc8847-msg6-advertisement.xml").content)});
  const auto valid = validate(read<Configure>("rfc8847-msg8-configure.xml").encodings, told);
  ASSERT_FALSE(valid.has_value());
  EXPECT_EQ(valid.error().code, ResponseCode::subset_choice_not_allowed);
}

TEST_P(ClueExamples, Responses) {
  const auto ack = read<Ack>("rfc8847-msg7-ack.xml");
  EXPECT_EQ(ack.header, (Header{{2, 7}, "CP2", 23}));
  EXPECT_EQ(ack.code, ResponseCode::success);
  EXPECT_EQ(ack.advertisement_sequence, 13U);
  EXPECT_EQ(read<ConfigureResponse>("rfc8847-msg5-configureResponse.xml").configure_sequence, 22U);
  const auto last = read<ConfigureResponse>("rfc8847-msg9-configureResponse.xml");
  EXPECT_EQ(last.header, (Header{{2, 7}, "CP1", 14}));
  EXPECT_EQ(last.configure_sequence, 24U);
}

TEST_P(ClueExamples, DataModelWithoutAndWithMultipleContent) {
  for (const auto& [file, captures, views] :
       {std::tuple{"rfc8846-example1-sec27.xml", 6U, 4U}, std::tuple{"rfc8846-example2-sec28-mcc.xml", 9U, 5U}}) {
    const auto text = testing::spec_file(std::string(GetParam()) + file);
    const auto content = read_text<Advertisement>(testing::advertisement_of_clue_info(text)).content;
    EXPECT_THAT(content.captures, SizeIs(captures));
    ASSERT_THAT(content.scenes, SizeIs(1));
    EXPECT_THAT(content.scenes[0].views, SizeIs(views));
    EXPECT_THAT(content.people, SizeIs(3));
    const auto valid = validate(content);
    EXPECT_TRUE(valid.has_value()) << valid.error().reason;
  }
}

// RFC 8846 section 24.1: the extension is ignored, and a capture without `individual` is one of multiple content.
TEST_P(ClueExamples, DataModelWithAnExtension) {
  const auto text = testing::spec_file(std::string(GetParam()) + "rfc8846-sec24.1-extension-example.xml");
  const auto content = read_text<Advertisement>(testing::advertisement_of_clue_info(text)).content;
  ASSERT_THAT(content.captures, SizeIs(2));
  EXPECT_EQ(content.captures[0].type, MediaType::audio);
  EXPECT_EQ(content.captures[1].type, MediaType::other);
  EXPECT_EQ(content.captures[1].media_type, "other media type");
  EXPECT_EQ(content.captures[1].multiple, MultipleContent{});
  EXPECT_THAT(content.scenes[0].views, IsEmpty());
  EXPECT_TRUE(validate(content).has_value());
}

TEST_P(ClueExamples, EveryMessageIsStableWhenSentAgain) {
  const auto files = testing::spec_files(GetParam(), "rfc8847-msg", ".xml");
  EXPECT_THAT(files, SizeIs(9));
  for (const auto& file : files) {
    const auto message = decode(testing::spec_file(file));
    ASSERT_TRUE(message.has_value()) << file << ' ' << message.error().reason;
    const auto sent = encode(*message);
    const auto again = decode(sent);
    ASSERT_TRUE(again.has_value()) << file << ' ' << again.error().reason;
    EXPECT_EQ(encode(*again), sent) << file;
    if (const auto* advertisement = std::get_if<Advertisement>(&*message)) {
      EXPECT_EQ(std::get<Advertisement>(*again).content, advertisement->content) << file;
    }
  }
}

class ClueScenario : public ClueExamples {};

INSTANTIATE_TEST_SUITE_P(Main, ClueScenario, ::testing::Values("scenario/"), [](const auto&) { return "removal"; });

TEST_P(ClueScenario, AdvertisementsBeforeAndAfterTheRemoval) {
  const auto before = read<Advertisement>("adv-focus-to-A-seq101-three-participants.xml");
  EXPECT_EQ(before.header, (Header{{1, 0}, "focus-conf7f3a", 101}));
  EXPECT_THAT(before.content.captures, SizeIs(8));
  const auto after = read<Advertisement>("adv-focus-to-A-seq103-carol-removed.xml");
  EXPECT_THAT(after.content.captures, SizeIs(5));
  const auto alone = read<Advertisement>("adv-focus-to-A-seq105-alone.xml");
  ASSERT_THAT(alone.content.captures, SizeIs(2));
  ASSERT_TRUE(alone.content.captures[0].multiple);
  EXPECT_FALSE(alone.content.captures[0].multiple->content);
  for (const auto& advertisement : {before, after, alone}) {
    const auto valid = validate(advertisement.content);
    EXPECT_TRUE(valid.has_value()) << valid.error().reason;
  }
}

TEST_P(ClueScenario, ConfiguresFitTheirAdvertisements) {
  const ComposedAdvertisement before(
      {make_part(read<Advertisement>("adv-focus-to-A-seq101-three-participants.xml").content)});
  const ComposedAdvertisement after(
      {make_part(read<Advertisement>("adv-focus-to-A-seq103-carol-removed.xml").content)});
  const auto first = read<Configure>("cfg-A-to-focus-seq302-for-adv101.xml");
  const auto second = read<Configure>("cfgack-A-to-focus-seq303-for-adv103.xml");
  EXPECT_FALSE(first.ack);
  EXPECT_EQ(second.ack, ResponseCode::success);
  EXPECT_TRUE(validate(first.encodings, before).has_value());
  EXPECT_TRUE(validate(second.encodings, after).has_value());
  const auto stale = validate(first.encodings, after);  // names a capture of who was removed
  ASSERT_FALSE(stale.has_value());
  EXPECT_EQ(stale.error().code, ResponseCode::invalid_value);
}

}  // namespace
}  // namespace clued::clue
