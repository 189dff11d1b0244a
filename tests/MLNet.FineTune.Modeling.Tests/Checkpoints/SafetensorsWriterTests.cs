using System.Text;
using CsCheck;
using MLNet.FineTune.Checkpoints;
using TorchSharp;

namespace MLNet.FineTune.Tests.Checkpoints;

[TestClass]
public class SafetensorsWriterTests
{
    private static readonly torch.ScalarType[] Types = [.. Enum.GetValues<TensorDType>().Select(d => d.Scalar()).OfType<torch.ScalarType>()];

    private static readonly string[] OddNames = ["", " ", "\"", "\\", "\u0000\n", "ключ", "名前", "😀.weight", "a/../b", "<&>'", "\u2028", "\uffff", "\ud83d\udc68\u200d"];

    [TestMethod]
    public void Lays_out_a_file_as_the_reference_implementation_does()
    {
        using var stream = new MemoryStream();
        using torch.Tensor small = torch.tensor(new byte[] { 7, 8, 9 }, dtype: torch.ScalarType.Byte);
        using torch.Tensor b = torch.tensor(new[] { 1f, 2f }), a = torch.tensor(3f), wide = torch.tensor(new[,] { { 5L } });
        SafetensorsWriter.Write(stream, [new("small", small), new("b", b), new("a", a), new("wide", wide)], new Dictionary<string, string> { ["format"] = "pt" });

        // Int64 before Float32 before UInt8, then by name; blanks up to a multiple of eight.
        string header = """{"__metadata__":{"format":"pt"},"wide":{"dtype":"I64","shape":[1,1],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[],"data_offsets":[8,12]},"b":{"dtype":"F32","shape":[2],"data_offsets":[12,20]},"small":{"dtype":"U8","shape":[3],"data_offsets":[20,23]}}""";
        header = header.PadRight((header.Length + 7) / 8 * 8);
        byte[] expected =
        [
            .. BitConverter.GetBytes((ulong)header.Length), .. Encoding.ASCII.GetBytes(header),
            .. BitConverter.GetBytes(5L), .. BitConverter.GetBytes(3f), .. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(2f), 7, 8, 9,
        ];
        CollectionAssert.AreEqual(expected, stream.ToArray());
    }

    [TestMethod]
    public void Without_tensors_the_file_is_an_empty_header()
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, []);
        Assert.AreEqual("{}      ", Encoding.ASCII.GetString(stream.ToArray(), 8, 8));
        using var file = SafetensorsFile.Parse(stream.ToArray(), "empty");
        Assert.IsEmpty(file.Tensors);
    }

    [TestMethod]
    public void What_is_written_is_read()
    {
        var shape = Gen.Long[0, 4].Array[0, 4];
        var tensor = Gen.Select(shape, Gen.Int[0, Types.Length - 1], Gen.Bool, Gen.UInt);
        var name = Gen.OneOf(Gen.String[Gen.Char.AlphaNumeric, 0, 12], Gen.Int[0, OddNames.Length - 1].Select(i => OddNames[i]));
        Gen.Dictionary(name, tensor)[0, 6].Select(Gen.Dictionary(name, name)[0, 3]).Sample((specs, metadata) =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            var tensors = specs.ToDictionary(pair => pair.Key, pair => Create(pair.Value.Item1, Types[pair.Value.Item2], transpose: pair.Value.Item3, seed: pair.Value.Item4));
            using var stream = new MemoryStream();
            SafetensorsWriter.Write(stream, tensors, metadata);
            using var file = SafetensorsFile.Parse(stream.ToArray(), "round trip");

            CollectionAssert.AreEquivalent(tensors.Keys, file.Tensors.Keys.ToArray());
            CollectionAssert.AreEquivalent(metadata, file.Metadata.ToDictionary());
            foreach ((string key, torch.Tensor expected) in tensors)
            {
                torch.Tensor read = file.Read(key);
                Assert.AreEqual(expected.dtype, read.dtype);
                CollectionAssert.AreEqual(expected.shape, read.shape);
                Assert.IsTrue(expected.contiguous().bytes.SequenceEqual(read.bytes), $"'{key}'");
            }
        }, iter: 300, seed: "0000KOIPC3h1", threads: 1);
    }

    [TestMethod]
    public void A_tensor_above_one_chunk_is_complete()
    {
        using torch.Tensor large = torch.arange(5_000_000, dtype: torch.ScalarType.Float32);
        using var folder = new TemporaryFolder();
        SafetensorsWriter.Write(folder.File("large.safetensors"), [new("large", large)]);
        using var file = SafetensorsFile.Open(folder.File("large.safetensors"));
        using torch.Tensor read = file.Read("large");
        Assert.IsTrue(read.bytes.SequenceEqual(large.bytes));
    }

    [TestMethod]
    public void A_failing_write_leaves_the_old_file_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.safetensors");
        File.WriteAllText(path, "old");
        using torch.Tensor good = torch.zeros(3);
        Assert.ThrowsExactly<IOException>(() => AtomicFile.Write(path, stream =>
        {
            SafetensorsWriter.Write(stream, [new("good", good)]);
            throw new IOException("No space left on device");
        }));
        CollectionAssert.AreEqual(new[] { path }, Directory.GetFileSystemEntries(folder.Path));
        Assert.AreEqual("old", File.ReadAllText(path));
    }

    [TestMethod]
    public void What_the_format_cannot_hold_is_refused_by_name()
    {
        using torch.Tensor complex = torch.zeros(2, dtype: torch.ScalarType.ComplexFloat32), plain = torch.zeros(2);
        StringAssert.Contains(Refused(new KeyValuePair<string, torch.Tensor>("z", complex)), "ComplexFloat32");
        StringAssert.Contains(Refused(new KeyValuePair<string, torch.Tensor>("__metadata__", plain)), "__metadata__");
        StringAssert.Contains(Refused(new KeyValuePair<string, torch.Tensor>("twice", plain), new KeyValuePair<string, torch.Tensor>("twice", plain)), "Two tensors are named 'twice'");
        StringAssert.Contains(Refused(new KeyValuePair<string, torch.Tensor>("half \ud83d", plain)), "surrogate");

        static string Refused(params KeyValuePair<string, torch.Tensor>[] tensors) =>
            Assert.ThrowsExactly<ArgumentException>(() => SafetensorsWriter.Write(new MemoryStream(), tensors)).Message;
    }

    private static torch.Tensor Create(long[] shape, torch.ScalarType type, bool transpose, uint seed)
    {
        byte[] random = new byte[8 * shape.Aggregate(1L, (a, b) => a * b)];
        new Random((int)seed).NextBytes(random);
        torch.Tensor tensor = torch.empty(shape, type == torch.ScalarType.Bool ? torch.ScalarType.Byte : type);
        random.AsSpan(0, tensor.bytes.Length).CopyTo(tensor.bytes);
        if (type == torch.ScalarType.Bool)
            tensor = tensor.gt(127);
        return transpose && shape.Length >= 2 ? tensor.transpose(0, 1) : tensor;
    }
}
