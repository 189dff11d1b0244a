using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Checkpoints.Hub;
using System.Text;
using System.Text.Json.Nodes;

namespace MLNet.FineTune.Tests.Checkpoints.Hub;

[TestClass]
public class HubDownloadTests
{
    [TestMethod]
    public void Downloads_what_is_needed_in_the_layout_of_huggingface_hub()
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        foreach (string unwanted in (string[])["pytorch_model.bin", "tf_model.h5", "README.md", "onnx/model.onnx", "../evil.txt"])
            hub.Files[unwanted] = [1, 2, 3];
        var reports = new List<DownloadProgress>();
        string directory = hub.Source(cache).Download(new Reports(reports));

        string model = Path.Combine(cache.Path, "models--owner--tiny");
        Assert.AreEqual(Path.Combine(model, "snapshots", FakeHub.Commit), directory);
        CollectionAssert.AreEquivalent(new[] { "config.json", "vocab.txt", "model.safetensors" }, Directory.GetFileSystemEntries(directory).Select(Path.GetFileName).ToArray());
        Assert.AreEqual(FakeHub.Commit, File.ReadAllText(Path.Combine(model, "refs", "main")));
        foreach (string file in Directory.GetFiles(directory))
        {
            byte[] expected = hub.Files[Path.GetFileName(file)];
            CollectionAssert.AreEqual(expected, File.ReadAllBytes(file));
            string hash = expected.Length > 10_000 ? FakeHub.Sha256(expected) : FakeHub.GitHash(expected);
            CollectionAssert.AreEqual(expected, File.ReadAllBytes(Path.Combine(model, "blobs", hash)));
            if (!OperatingSystem.IsWindows())
                Assert.AreEqual($"../../blobs/{hash}", new FileInfo(file).LinkTarget);
        }
        Assert.IsEmpty(Directory.GetFiles(Path.Combine(model, "blobs"), "*.incomplete"));
        CollectionAssert.Contains(reports, new DownloadProgress("model.safetensors", hub.Weights.Length, hub.Weights.Length));
        using ITensorSource weights = CheckpointDirectory.OpenWeights(directory);
        Assert.HasCount(1, weights.Tensors);
    }

    [TestMethod]
    public void The_token_goes_to_the_hub_and_not_to_where_it_redirects()
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        hub.Source(cache).Download();
        Assert.IsTrue(hub.HubRequests.All(request => request.Headers["Authorization"] == "Bearer secret"));
        Assert.IsNotEmpty(hub.StorageRequests);
        Assert.IsFalse(hub.StorageRequests.Any(request => request.Headers.ContainsKey("Authorization")));
    }

    [TestMethod]
    public void A_cached_model_needs_no_network()
    {
        using var cache = new TemporaryFolder();
        var hub = new FakeHub();
        HubEncoderSource source = hub.Source(cache), offline = hub.Source(cache, settings => settings with { Offline = true });
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(source.GetDirectory).Message, "DownloadWhenMissing");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => offline.Download()).Message, "HF_HUB_OFFLINE");
        Assert.IsEmpty(hub.HubRequests);
        string directory = source.Download();
        int requests = hub.HubRequests.Length;
        Assert.AreEqual(directory, source.GetDirectory());
        Assert.AreEqual(directory, offline.Download());
        Assert.AreEqual(directory, new HubEncoderSource(FakeHub.Id, FakeHub.Commit, () => hub.Settings(cache)).Download());
        Assert.HasCount(requests, hub.HubRequests);
        hub.Dispose();
        Assert.AreEqual(directory, source.Download());
    }

    [TestMethod]
    public void Asking_again_transfers_only_what_is_missing()
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        string directory = hub.Source(cache).Download();
        File.Delete(Path.Combine(directory, "vocab.txt"));
        int before = hub.HubRequests.Length;
        hub.Source(cache).Download();
        Assert.IsTrue(File.Exists(Path.Combine(directory, "vocab.txt")));
        // The list, and what vocab.txt is: its contents are still among the blobs.
        Assert.HasCount(before + 2, hub.HubRequests);
        Assert.HasCount(1, hub.StorageRequests);
    }

    [TestMethod]
    public void Using_the_source_downloads_only_where_that_is_asked_for()
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        HubEncoderSource source = hub.Source(cache);
        source.DownloadWhenMissing = true;
        Assert.IsTrue(File.Exists(Path.Combine(source.GetDirectory(), "model.safetensors")));
    }

    [TestMethod]
    public void Shards_are_found_through_their_index()
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        hub.Files.Remove("model.safetensors", out byte[]? weights);
        hub.Files["model-00001-of-00001.safetensors"] = weights!;
        hub.Files["other.safetensors"] = [1];
        hub.Files["model.safetensors.index.json"] = Encoding.UTF8.GetBytes("""{"weight_map":{"w":"model-00001-of-00001.safetensors"}}""");
        string directory = hub.Source(cache).Download();
        Assert.IsFalse(File.Exists(Path.Combine(directory, "other.safetensors")));
        using ITensorSource source = CheckpointDirectory.OpenWeights(directory);
        source.Read("w").Dispose();
    }

    [TestMethod]
    public void A_sentence_transformers_layout_comes_with_its_modules()
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        hub.Files["modules.json"] = Encoding.UTF8.GetBytes("""[{"idx":0,"path":"","type":"sentence_transformers.models.Transformer"},{"idx":1,"path":"1_Pooling","type":"sentence_transformers.models.Pooling"}]""");
        hub.Files["1_Pooling/config.json"] = Encoding.UTF8.GetBytes("""{"pooling_mode_cls_token":true,"pooling_mode_mean_tokens":false}""");
        hub.Files["sentence_bert_config.json"] = Encoding.UTF8.GetBytes("""{"max_seq_length":128}""");
        string directory = hub.Source(cache).Download();
        SentenceTransformerModules read = SentenceTransformerModules.Read(directory)!;
        Assert.AreEqual((PoolingMode.Cls, false, 128, directory), (read.Pooling.InOrder.Single(), read.Normalize, read.MaxSequenceLength, read.TransformerPath));
    }

    [TestMethod]
    public void Dense_modules_and_prompts_come_along()
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        hub.Files["modules.json"] = Encoding.UTF8.GetBytes("""[{"idx":0,"path":"","type":"a.Transformer"},{"idx":1,"path":"1_Pooling","type":"a.Pooling"},{"idx":2,"path":"2_Dense","type":"a.Dense"}]""");
        hub.Files["1_Pooling/config.json"] = Encoding.UTF8.GetBytes("{}");
        hub.Files["2_Dense/config.json"] = Encoding.UTF8.GetBytes("""{"in_features":3,"out_features":2}""");
        hub.Files["2_Dense/pytorch_model.bin"] = [1, 2, 3];
        hub.Files["config_sentence_transformers.json"] = Encoding.UTF8.GetBytes("""{"prompts":{"query":"q: "},"default_prompt_name":"query"}""");
        HubEncoderSource source = hub.Source(cache);
        string directory = source.Download();
        CollectionAssert.AreEqual(new[] { Path.Combine(directory, "2_Dense") }, SentenceTransformerModules.Read(directory)!.DenseFolders.ToArray());
        Assert.AreEqual("query", SentenceTransformerModules.Read(directory)!.Prompts.Default);
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, File.ReadAllBytes(Path.Combine(directory, "2_Dense/pytorch_model.bin")));
        Assert.AreEqual(directory, source.GetDirectory());
        File.Delete(Path.Combine(directory, "2_Dense/pytorch_model.bin"));
        Assert.ThrowsExactly<InvalidOperationException>(() => source.GetDirectory(), "a model without its dense layer is not complete");
        hub.Files.Remove("2_Dense/pytorch_model.bin");
        using var empty = new TemporaryFolder();
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => hub.Source(empty).Download()).Message, "no weights of its Dense module in '2_Dense/'");
    }

    /// <summary>Every file that a tokenizer can be read from comes along, and a model that has it is found again without the network.</summary>
    [TestMethod]
    [DataRow("vocab.txt")]
    [DataRow("vocab.json", "merges.txt")]
    [DataRow("tokenizer.json")]
    [DataRow("sentencepiece.bpe.model")]
    [DataRow("spiece.model")]
    [DataRow("spm.model")]
    public void The_tokenizer_comes_along_whatever_its_kind(params string[] files)
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        hub.Files.Remove("vocab.txt");
        foreach (string file in files)
            hub.Files[file] = "x"u8.ToArray();
        HubEncoderSource source = hub.Source(cache);
        string directory = source.Download();
        foreach (string file in files)
            Assert.IsTrue(File.Exists(Path.Combine(directory, file)), file);
        Assert.AreEqual(directory, source.GetDirectory());
    }

    [TestMethod]
    [DataRow("modules.json", """[{"path":"../1_Pooling","type":"sentence_transformers.models.Pooling"}]""", "not a plain name")]
    [DataRow("model.safetensors.index.json", """{"weight_map":{"w":"../../w.safetensors"}}""", "does not have")]
    [DataRow("model.safetensors.index.json", """{"weight_map":{"w":"absent.safetensors"}}""", "does not have")]
    [DataRow("README.md", "", "has no weights")]
    public void A_repository_that_cannot_be_used_leaves_no_snapshot(string file, string contents, string expected)
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        hub.Files.Remove("model.safetensors");
        hub.Files[file] = Encoding.UTF8.GetBytes(contents);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => hub.Source(cache).Download()).Message, expected);
        HubFailureTests.AssertNoSnapshot(cache);
    }

    [TestMethod]
    public void Two_clients_at_once_transfer_each_file_once()
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        hub.OnStorage = request =>
        {
            Thread.Sleep(100);
            return hub.Content(request);
        };
        string[] directories = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => hub.Source(cache).DownloadAsync()))).GetAwaiter().GetResult();
        Assert.HasCount(1, directories.Distinct());
        Assert.HasCount(1, hub.StorageRequests);
        CollectionAssert.AreEqual(hub.Weights, File.ReadAllBytes(Path.Combine(directories[0], "model.safetensors")));
    }

    /// <summary>A branch moves on; a saved model is of the commit that the branch was at, and finds it again, or says which one it was.</summary>
    [TestMethod]
    public void A_saved_reference_names_the_commit_that_was_used()
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        HubEncoderSource trained = hub.Source(cache);
        Assert.IsFalse(trained.ToJson().ContainsKey("commit"), "nothing was used yet");
        string directory = trained.Download();
        Assert.AreEqual(directory, trained.GetDirectory());
        JsonObject saved = trained.ToJson();
        Assert.AreEqual(FakeHub.Commit, (string)saved["commit"]!);

        string later = new('a', 40), model = Path.Combine(cache.Path, "models--owner--tiny");
        Directory.CreateDirectory(Path.Combine(model, "snapshots", later));
        foreach (string file in Directory.GetFiles(directory))
            File.Copy(file, Path.Combine(model, "snapshots", later, Path.GetFileName(file)));
        File.WriteAllText(Path.Combine(model, "refs", "main"), later);
        Assert.AreEqual(later, Path.GetFileName(hub.Source(cache).GetDirectory()));
        HubEncoderSource loaded = HubEncoderSource.Read(saved, () => hub.Settings(cache));
        Assert.AreEqual(directory, loaded.GetDirectory());
        StringAssert.Contains(loaded.Description, FakeHub.Commit);
        Assert.IsTrue(JsonNode.DeepEquals(saved, loaded.ToJson()));

        Directory.Delete(directory, recursive: true);
        Assert.AreEqual(later, Path.GetFileName(loaded.GetDirectory()), "its digest is compared by whoever opens it");
        saved.Remove("commit");
        Assert.AreEqual(later, Path.GetFileName(HubEncoderSource.Read(saved, () => hub.Settings(cache)).GetDirectory()), "models saved before");
        saved["commit"] = "main";
        Assert.ThrowsExactly<InvalidDataException>(() => EncoderSource.FromJson(new JsonObject(saved.Select(item => KeyValuePair.Create(item.Key, item.Value?.DeepClone())))));
    }

    [TestMethod]
    public void Where_links_fail_files_are_copied()
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        string directory = new HubDownloader(hub.Settings(cache), new HubCache(cache.Path, useLinks: false)).DownloadAsync(FakeHub.Id, "main", null, CancellationToken.None).GetAwaiter().GetResult();
        Assert.IsNull(new FileInfo(Path.Combine(directory, "model.safetensors")).LinkTarget);
        CollectionAssert.AreEqual(hub.Weights, File.ReadAllBytes(Path.Combine(directory, "model.safetensors")));
    }

    [TestMethod]
    public void What_Python_downloaded_is_used()
    {
        using var cache = new TemporaryFolder();
        string snapshot = Path.Combine(cache.Path, "models--owner--tiny", "snapshots", FakeHub.Commit);
        Directory.CreateDirectory(snapshot);
        Directory.CreateDirectory(Path.Combine(cache.Path, "models--owner--tiny", "refs"));
        File.WriteAllText(Path.Combine(cache.Path, "models--owner--tiny", "refs", "main"), FakeHub.Commit);
        var source = new HubEncoderSource(FakeHub.Id, "main", () => new HubSettings { Endpoint = "http://127.0.0.1:1", CacheDirectory = cache.Path });
        foreach (string file in (string[])["config.json", "pytorch_model.bin", "tokenizer.json"])
        {
            Assert.ThrowsExactly<InvalidOperationException>(source.GetDirectory);
            File.WriteAllText(Path.Combine(snapshot, file), "");
        }
        Assert.AreEqual(snapshot, source.GetDirectory());
    }

    private sealed class Reports(List<DownloadProgress> list) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value)
        {
            lock (list)
                list.Add(value);
        }
    }
}
