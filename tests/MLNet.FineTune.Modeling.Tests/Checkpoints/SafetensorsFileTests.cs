using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using MLNet.FineTune.Checkpoints;
using TorchSharp;

namespace MLNet.FineTune.Tests.Checkpoints;

[TestClass]
public class SafetensorsFileTests
{
    public static IEnumerable<object[]> Foreign => new[] { "float16", "float32", "int8", "sentence-transformers", "vocab-quantized" }.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Foreign))]
    public void Reads_files_of_other_makers(string name)
    {
        string path = SharedData.Require("fixtures", "safetensors", $"test-model-{name}.safetensors");
        using var file = SafetensorsFile.Open(path);

        byte[] bytes = File.ReadAllBytes(path);
        int headerLength = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        using JsonDocument header = JsonDocument.Parse(bytes.AsMemory(8, headerLength));
        Assert.AreEqual(header.RootElement.EnumerateObject().Count(), file.Tensors.Count);
        foreach (JsonProperty expected in header.RootElement.EnumerateObject())
        {
            using torch.Tensor tensor = file.Read(expected.Name);
            long begin = expected.Value.GetProperty("data_offsets")[0].GetInt64();
            CollectionAssert.AreEqual(expected.Value.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64()).ToArray(), tensor.shape);
            Assert.AreEqual(expected.Value.GetProperty("dtype").GetString(), file.Tensors[expected.Name].DType.Name());
            Assert.IsTrue(tensor.bytes.SequenceEqual(bytes.AsSpan(8 + headerLength + (int)begin, (int)(tensor.numel() * tensor.element_size()))));
        }
    }

    [TestMethod]
    public void Floats_equal_a_parse_by_hand()
    {
        string path = SharedData.Require("fixtures", "safetensors", "test-model-float32.safetensors");
        using var file = SafetensorsFile.Open(path);
        using torch.Tensor tensor = file.Read("embeddings");
        byte[] bytes = File.ReadAllBytes(path);
        int start = bytes.Length - 29528 * 2 * 4;
        for (int i = 0; i < 29528 * 2; i++)
            Assert.AreEqual(BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(start + 4 * i)), tensor.data<float>()[i]);
    }

    [TestMethod]
    public void A_tensor_outlives_its_file_and_converts()
    {
        string path = SharedData.Require("fixtures", "safetensors", "test-model-float16.safetensors");
        torch.Tensor half, single;
        using (var file = SafetensorsFile.Open(path))
        {
            half = file.Read("embeddings");
            single = file.Read("embeddings", torch.ScalarType.Float32);
        }
        using (half)
        using (single)
        {
            Assert.AreEqual(torch.ScalarType.Float16, half.dtype);
            Assert.AreEqual(torch.ScalarType.Float32, single.dtype);
            Assert.AreEqual((float)BitConverter.ToHalf(half.bytes), single.data<float>()[0]);
        }
    }

    [TestMethod]
    public void Many_threads_read_one_file()
    {
        using var folder = new TemporaryFolder();
        using torch.Tensor numbers = torch.arange(100_000);
        SafetensorsWriter.Write(folder.File("f"), [new("numbers", numbers)]);
        var file = SafetensorsFile.Open(folder.File("f"));
        Parallel.For(0, 64, _ =>
        {
            using torch.Tensor read = file.Read("numbers");
            Assert.IsTrue(read.bytes.SequenceEqual(numbers.bytes));
        });
        file.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => file.Read("numbers"));
    }

    [TestMethod]
    public void A_truncated_file_says_how_much_is_missing()
    {
        string path = SharedData.Require("fixtures", "corrupt", "truncated.safetensors");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => SafetensorsFile.Open(path));
        using var bytes = CheckpointBytes.Map(path);
        long header = 8 + (long)BinaryPrimitives.ReadUInt64LittleEndian(bytes.ToArray(0, 8));
        StringAssert.Contains(error.Message, path);
        StringAssert.Contains(error.Message, "truncated");
        // The git-lfs pointer beside it is of the same file, and states its whole size.
        StringAssert.Contains(error.Message, $"{90_868_376 - bytes.Length} are missing");
        StringAssert.Contains(error.Message, $"{bytes.Length - header} are present");
    }

    [TestMethod]
    public void A_git_lfs_pointer_is_recognised()
    {
        string pointer = SharedData.Require("fixtures", "corrupt", "git-lfs-pointer.safetensors");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => SafetensorsFile.Open(pointer));
        StringAssert.Contains(error.Message, "git lfs pull");
        StringAssert.Contains(error.Message, "90868376 bytes");
    }

    [TestMethod]
    [DataRow("<!DOCTYPE html><html>", "web page")]
    [DataRow("\r\n <HTML><body>", "web page")]
    [DataRow("PK\u0003\u0004 and so on", "zip archive")]
    [DataRow("", "empty")]
    [DataRow("1234", "truncated")]
    public void What_is_no_safetensors_file_is_named(string contents, string expected)
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(() => SafetensorsFile.Parse(Encoding.UTF8.GetBytes(contents), "weights"));
        StringAssert.StartsWith(error.Message, "weights: ");
        StringAssert.Contains(error.Message, expected);
    }

    [TestMethod]
    public void An_unsupported_type_opens_and_names_the_tensor_when_read()
    {
        using var file = SafetensorsFile.Parse(SafetensorsBytes.Create("""{"a":{"dtype":"U16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"I8","shape":[],"data_offsets":[4,5]}}""", new byte[5]), "weights");
        Assert.HasCount(2, file.Tensors);
        file.Read("b").Dispose();
        var error = Assert.ThrowsExactly<InvalidDataException>(() => file.Read("a"));
        StringAssert.Contains(error.Message, "'a'");
        StringAssert.Contains(error.Message, "U16");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => file.Read("c")).Message, "no tensor 'c'");
    }

    [TestMethod]
    public void Booleans_other_than_0_and_1_become_true()
    {
        using var file = SafetensorsFile.Parse(SafetensorsBytes.Create("""{"a":{"dtype":"BOOL","shape":[4],"data_offsets":[0,4]}}""", [0, 1, 2, 255]), "weights");
        using torch.Tensor read = file.Read("a"), numbers = file.Read("a", torch.ScalarType.Float32);
        CollectionAssert.AreEqual(new[] { false, true, true, true }, read.data<bool>().ToArray());
        CollectionAssert.AreEqual(new[] { 0f, 1f, 1f, 1f }, numbers.data<float>().ToArray());
    }
}
