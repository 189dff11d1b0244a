using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Checkpoints.PyTorch;
using MLNet.FineTune.Tests.Checkpoints.PyTorch;
using TorchSharp;

namespace MLNet.FineTune.Tests.Checkpoints;

/// <summary>20,000 damaged files, fixed seeds: each is read, or refused with <see cref="InvalidDataException"/>; none makes a reader allocate beyond its size.</summary>
[TestClass]
public class FuzzTests
{
    // Managed objects for what a few bytes declare (names, exceptions with their traces), per byte and per file.
    private const int BytesPerByte = 64;
    private const int BytesPerFile = 32_000;

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void Damaged_safetensors(int seed) => Fuzz(Safetensors(), bytes => SafetensorsFile.Parse(bytes, "fuzz"), seed, iterations: 5000);

    [TestMethod]
    [DataRow(3, System.IO.Compression.CompressionLevel.NoCompression)]
    [DataRow(4, System.IO.Compression.CompressionLevel.SmallestSize)]
    public void Damaged_pytorch_archives(int seed, System.IO.Compression.CompressionLevel level) => Fuzz(Archive(level), bytes => PyTorchFile.Parse(bytes, "fuzz"), seed, iterations: 2500);

    [TestMethod]
    public void Damaged_files_from_before_PyTorch_1_6() => Fuzz(LegacyArchiveTests.Plain, bytes => PyTorchFile.Parse(bytes, "fuzz"), seed: 7, iterations: 2500);

    /// <summary>The archive around it is sound, so that the damage reaches the pickle.</summary>
    [TestMethod]
    public void Damaged_pickles() => Fuzz(Pickle(), bytes => PyTorchFile.Parse(TorchArchive.Create(bytes, Storages), "fuzz"), seed: 5, iterations: 5000);

    private static Dictionary<string, byte[]> Storages { get; } = new() { ["0"] = TorchArchive.Floats(0, 1, 2, 3, 4, 5), ["1"] = new byte[300] };

    private static void Fuzz(byte[] sound, Func<byte[], ITensorSource> open, int seed, int iterations)
    {
        ReadAll(open, sound); // also warms up what allocates once
        var random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < iterations; i++)
        {
            byte[] damaged = Mutation.Apply(sound, random);
            long budget = BytesPerFile + BytesPerByte * (long)damaged.Length;
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                ReadAll(open, damaged);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"Mutation {i} of seed {seed}: {e}");
            }
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.IsLessThan(budget, allocated, $"mutation {i} of seed {seed}, {damaged.Length} bytes");
        }
        // Damage to the data itself goes unseen by design; most of it must hit what is checked.
        Assert.IsGreaterThan(iterations / 3, refused);
    }

    private static void ReadAll(Func<byte[], ITensorSource> open, byte[] bytes)
    {
        using ITensorSource source = open(bytes);
        foreach (TensorInfo info in source.Tensors.Values)
        {
            // Native memory follows the declared length, which the file must justify.
            Assert.IsLessThanOrEqualTo(Math.Max(bytes.Length, 1000L) * ZipDirectory.MaxExpansion, info.Length, info.Name);
            using torch.Tensor tensor = source.Read(info.Name);
            Assert.AreEqual(info.Length, tensor.numel() * tensor.element_size());
        }
    }

    private static byte[] Safetensors()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream,
            [new("encoder.weight", torch.rand(4, 5)), new("encoder.bias", torch.rand(5, dtype: torch.ScalarType.Float64)), new("ids", torch.arange(6)), new("none", torch.zeros(0, 3)), new("flag", torch.tensor(true))],
            new Dictionary<string, string> { ["format"] = "pt" });
        return stream.ToArray();
    }

    private static byte[] Archive(System.IO.Compression.CompressionLevel level) => TorchArchive.Create(Pickle(), Storages, level: level, byteOrder: "little");

    private static byte[] Pickle() => TorchArchive.StateDict(
        ("encoder.weight", "FloatStorage", "0", 6, 0, [3, 2], [1, 3]),
        ("encoder.bias", "FloatStorage", "0", 6, 1, [2], [1]),
        ("mask", "BoolStorage", "1", 300, 0, [10, 30], [30, 1]));
}
