// Whatever a file name in the configuration leads to: it is refused at once and in words, and never waited for.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "app/config_reload.hpp"
#include "gmock/gmock.h"

namespace clued::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* certificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBhzCCAS2gAwIBAgIUVYkN88OBHba5i68qvkT9JkvaTrswCgYIKoZIzj0EAwIw\n"
    "GDEWMBQGA1UEAwwNY2x1ZWQuZXhhbXBsZTAgFw0yNjExMjgxMjIyMjlaGA8yMTI2\n"
    "MTEwNDEyMjIyOVowGDEWMBQGA1UEAwwNY2x1ZWQuZXhhbXBsZTBZMBMGByqGSM49\n"
    "AgEGCCqGSM49AwEHA0IABAuf/8cTec8Nc/zgA1WK6EqhgjXKUe1TGmoeyLegio0H\n"
    "rSzAVfv0H72LtcWCXTaTVdmATCAWi4LP9HktvDnB+ymjUzBRMB0GA1UdDgQWBBR7\n"
    "jZSrpi/DdMPk/fKw8trMiz8wvzAfBgNVHSMEGDAWgBR7jZSrpi/DdMPk/fKw8trM\n"
    "iz8wvzAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCID9wke5tyS7h\n"
    "cEY0/A9iBulgsWkZ3El95asVaWm+tsdsAiEA1LxlGfT0sUBfl991JPwjOBKyc4E/\n"
    "63HxJoPV4zuOZHI=\n"
    "-----END CERTIFICATE-----\n";
constexpr const char* key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgNPsIF38w16wVdQNv\n"
    "RV1XntcWOJA04TVl4zh5ZLcbt2qhRANCAAQLn//HE3nPDXP84ANViuhKoYI1ylHt\n"
    "UxpqHsi3oIqNB60swFX79B+9i7XFgl02k1XZgEwgFouCz/R5Lbw5wfsp\n"
    "-----END PRIVATE KEY-----\n";
constexpr const char* other_key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIDhIc8bZ19CAnS5k2uFRimKZl7cnmjznXdT76EqAG8IY\n"
    "-----END PRIVATE KEY-----\n";
/// The key above, in the old form and in that of PKCS #8.
constexpr const char* encrypted_keys[] = {
    "-----BEGIN EC PRIVATE KEY-----\n"
    "Proc-Type: 4,ENCRYPTED\n"
    "DEK-Info: AES-128-CBC,7DA83D016332D9AFD9D38138CBC44A84\n"
    "\n"
    "Du6DBT09YxXTLRXMhloYqsYUGjdk6VFy3wXtaBt7klaCpn5wUZ9xZXUylSZboY5l\n"
    "MgJ5HmYSQipPpT+xtjp8nX1sk5MZ2MKqYaQJiSpkTXrPAjMWYStkq85rPBgjAnkH\n"
    "M0BN0ubVWI8RO7mVcdMIZD3DD4QQMDe+DYTiMnkpGC8=\n"
    "-----END EC PRIVATE KEY-----\n",
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjTBRIeu4W2tgICCAAw\n"
    "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEP2ndUC9fvsGRlqWVOXg3skEgZD+\n"
    "h5SRLN1b3XvS7w3dGXXLoIMO/wgads5T/LCYB3nc4w1v/Y7kS0Fn3nX2JY+JlhiR\n"
    "8Lv6kTSrkBxWsh8LI1JupuaMeoonOqUHP4nwlwBIREQwSOuektVECIqfvn+Tzk0p\n"
    "HOwxRtXTLff1uRdi54LZJGRffUTMAAs11j2JwCiZCkmCTfJHwhWlePy1QTx2e4w=\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n"};

class ConfigFiles : public ::testing::Test {
 protected:
  ConfigFiles() : folder_(std::filesystem::path(::testing::TempDir()) / ("clued-files-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
    write("chain.pem", certificate);
    write("key.pem", key);
  }
  ~ConfigFiles() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
    return path(name);
  }
  std::string fifo() const {
    mkfifo(path("fifo").c_str(), 0600);
    return path("fifo");
  }
  std::string socket() const {
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path("socket").copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    close(descriptor);
    return path("socket");
  }
  /// Each with why it cannot be read.
  std::vector<std::pair<std::string, std::string>> odd_files() const {
    std::filesystem::create_symlink(path("nowhere"), path("dangling"));
    std::filesystem::create_symlink(path("loop"), path("loop"));
    return {{fifo(), "not a regular file"},
            {socket(), "not a regular file"},
            {folder_.string(), "not a regular file"},
            {"/dev/zero", "not a regular file"},
            {"/dev/tty", "not a regular file"},
            {path("missing"), "No such file or directory"},
            {path("dangling"), "No such file or directory"},
            {path("chain.pem") + "/x", "Not a directory"},
            {path("loop"), "Too many levels of symbolic links"}};
  }
  static std::string with_tls(const std::string& chain, const std::string& key_file,
                              const std::string& authorities = "") {
    return "sip:\n  listen: [{address: 127.0.0.1, tls: true}]\ntls:\n  certificates:\n    - chain: " + chain +
           "\n      key: " + key_file + "\n" + (authorities.empty() ? "" : "  authorities: " + authorities + "\n");
  }
  static std::vector<std::string> refused(const std::string& text, const std::string& file = "") {
    const auto config = parse_config(text, file);
    std::vector<std::string> errors;
    if (!config) {
      for (const auto& error : config.error()) errors.push_back(error.to_string("f"));
    }
    return errors;
  }

  std::filesystem::path folder_;
};

TEST_F(ConfigFiles, OddOnesAreRefusedWhereverTheyAreNamed) {
  for (const auto& [file, reason] : odd_files()) {
    const std::string told = file + ": " + reason;
    const auto config = load_config(file);
    ASSERT_FALSE(config) << file;
    EXPECT_EQ(config.error().front().to_string(file), told);
    const auto reload = reload_config_file(*parse_config(""), file);
    ASSERT_FALSE(reload) << file;
    EXPECT_EQ(reload.error().front().to_string(file), told);
    EXPECT_THAT(refused("auth:\n  users_file: " + file + "\n"), ElementsAre("f:2: auth.users_file: " + told));
    EXPECT_THAT(refused(with_tls(file, path("key.pem"))), ElementsAre("f:5: tls.certificates[0].chain: " + told));
    EXPECT_THAT(refused(with_tls(path("chain.pem"), file)), ElementsAre("f:6: tls.certificates[0].key: " + told));
    EXPECT_THAT(refused(with_tls(path("chain.pem"), path("key.pem"), file)),
                ElementsAre("f:7: tls.authorities: " + told));
  }
}

TEST_F(ConfigFiles, OneThatMayNotBeReadSaysSo) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read all";
  chmod(path("key.pem").c_str(), 0);
  EXPECT_THAT(refused(with_tls(path("chain.pem"), path("key.pem"))),
              ElementsAre("f:6: tls.certificates[0].key: " + path("key.pem") + ": Permission denied"));
}

TEST_F(ConfigFiles, EachFaultOfACertificateIsToldOnceAndOfItsFile) {
  EXPECT_THAT(refused(with_tls(path("chain.pem"), path("key.pem"), path("chain.pem"))), IsEmpty());
  const std::string both = write("both.pem", std::string(certificate) + key);
  EXPECT_THAT(refused(with_tls(both, both)), IsEmpty());
  EXPECT_THAT(refused(with_tls(path("no.pem"), path("no.key"))),
              ElementsAre("f:5: tls.certificates[0].chain: " + path("no.pem") + ": No such file or directory",
                          "f:6: tls.certificates[0].key: " + path("no.key") + ": No such file or directory"));
  EXPECT_THAT(refused(with_tls(path("no.pem"), path("no.pem"))), ElementsAre(HasSubstr("f:5: ")));
  EXPECT_THAT(
      refused(with_tls(path("key.pem"), path("key.pem"))),
      ElementsAre("f:5: tls.certificates[0].chain: " + path("key.pem") + ": there is no certificate in it (PEM)"));
  EXPECT_THAT(refused(with_tls(path("chain.pem"), path("chain.pem"))),
              ElementsAre("f:6: tls.certificates[0].key: " + path("chain.pem") + ": there is no key in it (PEM)"));
  const std::string garbage = write("garbage.pem", std::string("-----BEGIN CERTIFICATE-----\nAAAA\n"
                                                               "-----END CERTIFICATE-----\n"));
  EXPECT_THAT(refused(with_tls(path("chain.pem"), path("key.pem"), garbage)),
              ElementsAre(HasSubstr("f:7: tls.authorities: " + garbage + ": the certificate cannot be read: ")));
  const std::string broken = write("broken.pem", certificate + std::string("-----BEGIN CERTIFICATE-----\nAAAA\n"));
  EXPECT_THAT(refused(with_tls(broken, path("key.pem"))),
              ElementsAre(HasSubstr("f:5: tls.certificates[0].chain: " + broken + ": the chain cannot be read: ")));
  const std::string other = write("other.pem", other_key);
  EXPECT_THAT(refused(with_tls(path("chain.pem"), other)),
              ElementsAre("f:6: tls.certificates[0].key: " + other + ": is not the key of " + path("chain.pem")));
}

// OpenSSL would ask for the passphrase on the terminal, and wait.
TEST_F(ConfigFiles, NobodyIsAskedForAPassphrase) {
  for (const std::string encrypted : encrypted_keys) {
    const std::string file = write("encrypted.pem", encrypted);
    EXPECT_THAT(refused(with_tls(path("chain.pem"), file)),
                ElementsAre("f:6: tls.certificates[0].key: " + file +
                            ": the key is encrypted, and nobody is there to be asked for the passphrase"));
  }
  std::string text = certificate;
  text.insert(text.find('\n') + 1,
              "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,7DA83D016332D9AFD9D38138CBC44A84\n\n");
  const std::string file = write("encrypted.pem", text);
  EXPECT_THAT(refused(with_tls(file, path("key.pem"))), ElementsAre(HasSubstr("the certificate is encrypted")));
  EXPECT_THAT(refused(with_tls(path("chain.pem"), path("key.pem"), file)),
              ElementsAre(HasSubstr("the certificate is encrypted")));
}

// It is empty for a moment when it is written anew, and that moment would open every right.
TEST_F(ConfigFiles, ANothingIsNotTakenOverInTheMiddleOfALife) {
  const auto running = parse_config("conference: {create: nobody}\n");
  ASSERT_TRUE(running);
  for (const char* nothing : {"", "\n\n", "# a comment\n", "\xef\xbb\xbf", "~\n", "---\n"}) {
    const std::string file = write("clued.yaml", nothing);
    const auto reload = reload_config_file(*running, file);
    ASSERT_FALSE(reload) << nothing;
    EXPECT_EQ(reload.error().front().to_string("f"), "f: has nothing in it; each key would have its default");
    EXPECT_TRUE(reload_config_file(*parse_config(""), file)) << "nothing changes";
  }
  EXPECT_FALSE(reload_config_file(*running, write("clued.yaml", "conference:\n")));
  EXPECT_TRUE(reload_config_file(*running, write("clued.yaml", "{}\n"))) << "somebody means it";
}

TEST_F(ConfigFiles, ALogThatCannotBeWrittenIsRefused) {
  const auto log = [](const std::string& file) { return "log:\n  file: " + file + "\n"; };
  EXPECT_THAT(refused(log(path("new.log"))), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(path("new.log"))) << "a check makes nothing";
  EXPECT_THAT(refused(log("/dev/null")), IsEmpty());
  EXPECT_THAT(refused(log(fifo())), IsEmpty()) << "somebody may read it";
  EXPECT_THAT(refused(log(folder_.string())), ElementsAre("f:2: log.file: " + folder_.string() + ": a directory"));
  EXPECT_THAT(refused(log(socket())), ElementsAre("f:2: log.file: " + path("socket") + ": a socket"));
  EXPECT_THAT(refused(log(path("no/new.log"))),
              ElementsAre("f:2: log.file: " + path("no/new.log") + ": " + path("no") + ": No such file or directory"));
  EXPECT_THAT(refused(log(path("key.pem") + "/new.log")), ElementsAre(HasSubstr("Not a directory")));
}

TEST_F(ConfigFiles, ALogIsNotWrittenIntoWhatIsRead) {
  const std::string file = write("clued.yaml", "log:\n  file: " + path("link") + "\n");
  std::filesystem::create_symlink(file, path("link"));
  const auto config = load_config(file);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().front().to_string("f"), "f:2: log.file: " + path("link") + ": is read from, as " + file);
  EXPECT_FALSE(reload_config_file(*parse_config(""), file));
  const std::string users = write("users.yaml", "users: []\n");
  EXPECT_THAT(refused("auth: {users_file: " + users + "}\nlog: {file: " + users + "}\n"),
              ElementsAre(HasSubstr("f:2: log.file: ")));
  EXPECT_THAT(refused(with_tls(path("chain.pem"), path("key.pem")) + "log: {file: " + path("key.pem") + "}\n"),
              ElementsAre(HasSubstr("f:7: log.file: ")));
}

}  // namespace
}  // namespace clued::app
