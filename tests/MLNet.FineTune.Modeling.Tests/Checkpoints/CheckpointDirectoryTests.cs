using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Checkpoints.PyTorch;
using TorchSharp;

namespace MLNet.FineTune.Tests.Checkpoints;

[TestClass]
public class CheckpointDirectoryTests
{
    [TestMethod]
    public void Safetensors_are_preferred_to_a_pickle()
    {
        using ITensorSource source = CheckpointDirectory.OpenWeights(SharedData.Require("fixtures", "encoders", "bert", "sequence"));
        Assert.IsInstanceOfType<SafetensorsFile>(source);
    }

    [TestMethod]
    public void A_pickle_is_opened_where_there_is_nothing_else()
    {
        using var folder = new TemporaryFolder();
        File.Copy(SharedData.Require("fixtures", "encoders", "bert", "sequence", "pytorch_model.bin"), folder.File("pytorch_model.bin"));
        using ITensorSource source = CheckpointDirectory.OpenWeights(folder.Path);
        Assert.IsInstanceOfType<PyTorchFile>(source);
    }

    [TestMethod]
    public void Shards_are_read_through_their_index()
    {
        using TemporaryFolder folder = Sharded("""{"metadata":{"total_size":20},"weight_map":{"a":"model-1.safetensors","b":"model-2.safetensors"}}""");
        using ITensorSource source = CheckpointDirectory.OpenWeights(folder.Path);
        CollectionAssert.AreEquivalent(new[] { "a", "b" }, source.Tensors.Keys.ToArray());
        using torch.Tensor a = source.Read("a"), b = source.Read("b", torch.ScalarType.Float64);
        CollectionAssert.AreEqual(new[] { 1f, 1f }, a.data<float>().ToArray());
        CollectionAssert.AreEqual(new[] { 2d, 2d, 2d }, b.data<double>().ToArray());
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => source.Read("c")).Message, "'c'");
    }

    [TestMethod]
    [DataRow("""{"weight_map":{"b":"model-1.safetensors"}}""", "'b' is said to lie in 'model-1.safetensors'")]
    [DataRow("""{"weight_map":{"a":"../model-1.safetensors"}}""", "not a plain name")]
    [DataRow("""{"weight_map":{"a":"/etc/passwd"}}""", "not a plain name")]
    [DataRow("""{"weight_map":{"a":"C:\\model.safetensors"}}""", "not a plain name")]
    [DataRow("""{"weight_map":{"a":""}}""", "not a plain name")]
    [DataRow("""{"weight_map":{"a":3}}""", "expected a text")]
    [DataRow("""{"weight_map":{"a":null}}""", "no file")]
    [DataRow("""{"weight_map":[]}""", "weight_map")]
    [DataRow("[]", "JSON object")]
    [DataRow("{", "not valid JSON")]
    [DataRow("""{"weight_map":{"a":"\ud800"}}""", "not valid JSON")]
    [DataRow("<html>", "web page")]
    [DataRow("""{"weight_map":{"a":"x","a":"y"}}""", "not valid JSON")]
    public void A_wrong_index_is_refused(string index, string expected)
    {
        using TemporaryFolder folder = Sharded(index);
        string message = Assert.ThrowsExactly<InvalidDataException>(() => CheckpointDirectory.OpenWeights(folder.Path)).Message;
        StringAssert.Contains(message, "model.safetensors.index.json");
        StringAssert.Contains(message, expected);
    }

    [TestMethod]
    public void An_index_with_a_byte_order_mark_is_read()
    {
        using TemporaryFolder folder = Sharded("\uFEFF{\"weight_map\":{\"a\":\"model-1.safetensors\"}}");
        using ITensorSource source = CheckpointDirectory.OpenWeights(folder.Path);
        Assert.HasCount(1, source.Tensors);
    }

    [TestMethod]
    public void A_missing_shard_is_named()
    {
        using TemporaryFolder folder = Sharded("""{"weight_map":{"a":"model-1.safetensors","c":"model-3.safetensors"}}""");
        StringAssert.Contains(Assert.ThrowsExactly<FileNotFoundException>(() => CheckpointDirectory.OpenWeights(folder.Path)).Message, "model-3.safetensors");
    }

    [TestMethod]
    public void Without_weights_the_message_lists_what_was_looked_for_and_what_is_there()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("config.json"), "{}");
        string message = Assert.ThrowsExactly<FileNotFoundException>(() => CheckpointDirectory.OpenWeights(folder.Path)).Message;
        StringAssert.Contains(message, "model.safetensors, model.safetensors.index.json, pytorch_model.bin, pytorch_model.bin.index.json");
        StringAssert.Contains(message, "there are config.json");
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => CheckpointDirectory.OpenWeights(folder.File("absent")));
    }

    private static TemporaryFolder Sharded(string index)
    {
        var folder = new TemporaryFolder();
        using torch.Tensor a = torch.ones(2), b = torch.full(3, 2f);
        SafetensorsWriter.Write(folder.File("model-1.safetensors"), [new("a", a)]);
        SafetensorsWriter.Write(folder.File("model-2.safetensors"), [new("b", b)]);
        File.WriteAllText(folder.File("model.safetensors.index.json"), index);
        return folder;
    }
}
