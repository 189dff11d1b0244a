using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Checkpoints;
using MLNet.FineTune.Tests.Fixtures;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Persistence;

/// <summary>Zips of real models with something missing or altered: refused with the name of the stream, whatever the damage.</summary>
[TestClass]
public sealed class DamagedModelTests
{
    private readonly MLContext _ml = new(7);

    [TestMethod]
    [DataRow("full")]
    [DataRow("lora")]
    public void Every_stream_that_is_missing_altered_or_cut_is_named(string method)
    {
        byte[] zip = SaveChain(method);
        string[] streams = [.. Zip.Read(zip).Keys.Where(name => name.Contains("Transform_001", StringComparison.Ordinal))];
        Assert.IsGreaterThanOrEqualTo(method == "full" ? 5 : 7, streams.Length, string.Join(", ", Zip.Read(zip).Keys));
        using var folder = new TemporaryFolder();
        foreach (string stream in streams)
        {
            string name = Path.GetFileName(stream);
            foreach ((string damage, Func<byte[], byte[]?> change) in Damages())
            {
                // There ML.NET keeps the assembly's name, in which a letter more or less changes nothing.
                if (name == "Model.key" && (damage is "altered at its end" or "longer"))
                    continue;
                File.WriteAllBytes(folder.File("model.zip"), Zip.With(zip, stream, change));
                string message = Refused(folder, $"{stream}, {damage}");
                if (name != "Model.key" || damage == "altered in the middle")
                    StringAssert.Contains(message, name == "Model.key" ? "Model.key" : $"'{name}'", $"{stream}, {damage}");
            }
        }
    }

    /// <summary>What is ML.NET's own in the zip is no stream of ours: the message names the file and says what to do.</summary>
    [TestMethod]
    public void Damage_to_the_chain_around_is_refused()
    {
        byte[] zip = SaveChain("head");
        using var folder = new TemporaryFolder();
        foreach ((string damage, Func<byte[], byte[]?> change) in Damages().Where(damage => damage.Damage is "missing" or "cut" or "empty"))
        {
            File.WriteAllBytes(folder.File("model.zip"), Zip.With(zip, "TransformerChain/Model.key", change));
            StringAssert.Contains(Refused(folder, damage), "save or copy the model again");
        }
        foreach (byte[] content in (byte[][])[[], "text"u8.ToArray(), zip[..^10], zip[..100], zip[50..], Zip.Write(new Dictionary<string, byte[]>()), Zip.Write(new Dictionary<string, byte[]> { ["other"] = [1] })])
        {
            File.WriteAllBytes(folder.File("model.zip"), content);
            StringAssert.Contains(Refused(folder, $"{content.Length} bytes"), folder.File("model.zip"));
        }
    }

    /// <summary>Refusing must leave nothing in the folder that ML.NET unpacks into.</summary>
    [TestMethod]
    public void Nothing_is_left_in_the_temporary_folder()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("temp"));
        var ml = new MLContext { TempFilePath = folder.File("temp") };
        byte[] zip = SaveChain("lora");
        foreach (byte[] content in (byte[][])[zip, zip[..^10], [], Zip.With(zip, "adapter_model.safetensors", _ => null), Zip.With(zip, "settings.json", bytes => bytes[..10])])
        {
            File.WriteAllBytes(folder.File("model.zip"), content);
            try
            {
                ml.FineTuning().LoadModel(folder.File("model.zip"), out _);
            }
            catch (InvalidDataException)
            {
            }
            Assert.IsEmpty(Directory.GetFileSystemEntries(folder.File("temp")));
        }
    }

    /// <summary>Damaged zips, fixed seed: loaded, or refused with a documented exception; never at a cost beyond their size.</summary>
    [TestMethod]
    [DataRow(1, "head")]
    [DataRow(2, "full")]
    public void Damaged_zips(int seed, string method)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        using (var model = Tiny.Fit(_ml, Tiny.Options(method, epochs: 1)))
            _ml.FineTuning().SaveModel(model, null, path);
        byte[] sound = File.ReadAllBytes(path);
        Fuzz(seed, iterations: 700, random =>
        {
            File.WriteAllBytes(path, random is null ? sound : Mutation.Apply(sound, random));
            ((IDisposable)_ml.FineTuning().LoadModel(path, out _)).Dispose();
        });
    }

    /// <summary>ML.NET's own method wraps what is thrown in it, but lets our exceptions be found.</summary>
    [TestMethod]
    public void Damaged_zips_through_MLNet()
    {
        byte[] zip = SaveChain("head");
        var random = new Random(3);
        for (int i = 0; i < 200; i++)
        {
            byte[] damaged = Mutation.Apply(zip, random);
            try
            {
                (_ml.Model.Load(new MemoryStream(damaged), out _) as IDisposable)?.Dispose();
            }
            catch (Exception e) when (e.ToString().Contains("MLNet.FineTune.Persistence", StringComparison.Ordinal))
            {
                Assert.IsTrue(e.GetBaseException() is InvalidDataException or FormatException or NotSupportedException, $"mutation {i}: {e}");
            }
            catch (Exception e) when (e is not (AccessViolationException or OutOfMemoryException))
            {
            }
        }
    }

    /// <summary>The streams themselves, past the checksums: settings, configuration, tokenizer and weights as an attacker could make them.</summary>
    [TestMethod]
    [DataRow(4, "full")]
    [DataRow(5, "lora")]
    public void Damaged_streams(int seed, string method)
    {
        Dictionary<string, byte[]> streams = Streams(method);
        // Small streams have the structure: they are chosen as often as the large ones.
        string[] names = [.. streams.Keys.Order(StringComparer.Ordinal)];
        Fuzz(seed, iterations: 1500, random =>
        {
            string damaged = names[random?.Next(names.Length) ?? 0];
            byte[] content = random is null ? streams[damaged] : Mutation.Apply(streams[damaged], random);
            using TextClassifier classifier = LoadWith(streams, damaged, content);
        });
    }

    /// <summary>Numbers that declare more than memory holds are refused, not tried.</summary>
    [TestMethod]
    [DataRow("full", "settings.json", "\"ClassCount\": 3", "\"ClassCount\": 2000000000", "2000000000")]
    [DataRow("lora", "settings.json", "\"ClassCount\": 3", "\"ClassCount\": 2000000000", "2000000000")]
    [DataRow("lora", "settings.json", "\"Rank\": 8", "\"Rank\": 2000000000", "Lora.Rank is 2000000000")]
    [DataRow("full", "config.json", "\"hidden_size\":32", "\"hidden_size\":2000000000", "2000000000")]
    [DataRow("full", "config.json", "\"num_hidden_layers\":1", "\"num_hidden_layers\":2000000000", "2000000000")]
    [DataRow("full", "config.json", "\"max_position_embeddings\":32", "\"max_position_embeddings\":2000000000", "2000000000")]
    public void Declared_sizes_are_checked_before_anything_is_allocated(string method, string stream, string from, string to, string says)
    {
        Dictionary<string, byte[]> streams = Streams(method);
        string text = System.Text.Encoding.UTF8.GetString(streams[stream]);
        StringAssert.Contains(text, from);
        long before = Environment.WorkingSet;
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => LoadWith(streams, stream, System.Text.Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal)))).Message, says);
        Assert.IsLessThan(100 << 20, Environment.WorkingSet - before);
    }

    private static TextClassifier LoadWith(Dictionary<string, byte[]> streams, string changed, byte[] content) =>
        TextClassifier.Load(name => streams.ContainsKey(name) ? new MemoryStream(name == changed ? content : streams[name]) : null, CPU);

    private Dictionary<string, byte[]> Streams(string method)
    {
        Dictionary<string, byte[]> streams = [];
        using var model = Tiny.Fit(_ml, Tiny.Options(method, epochs: 1));
        model.Classifier.Use(classifier => ((TextClassifier)classifier).Save((name, write) =>
        {
            using var stream = new MemoryStream();
            write(stream);
            streams.Add(name, stream.ToArray());
        }));
        return streams;
    }

    /// <param name="seed">Decides the damage.</param>
    /// <param name="iterations">How many damaged models are loaded.</param>
    /// <param name="load">Loads a model damaged by the random numbers; a sound one for null.</param>
    private static void Fuzz(int seed, int iterations, Action<Random?> load)
    {
        load(null);
        long usual = GC.GetAllocatedBytesForCurrentThread();
        load(null);
        usual = GC.GetAllocatedBytesForCurrentThread() - usual;
        long memory = Environment.WorkingSet;
        var random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < iterations; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                load(random);
            }
            catch (Exception e) when (e is InvalidDataException or NotSupportedException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"Mutation {i} of seed {seed}: {e}");
            }
            Assert.IsLessThan(3 * usual + 1_000_000, GC.GetAllocatedBytesForCurrentThread() - before, $"mutation {i} of seed {seed}, bytes allocated");
        }
        Assert.IsGreaterThan(iterations / 4, refused);
        // Native memory, which the collector does not count.
        Assert.IsLessThan(200 << 20, Environment.WorkingSet - memory);
    }

    private static IEnumerable<(string Damage, Func<byte[], byte[]?> Change)> Damages() =>
    [
        ("missing", _ => null),
        ("altered at its end", bytes => [.. bytes[..^20], (byte)(bytes[^20] ^ 1), .. bytes[^19..]]),
        ("altered in the middle", bytes => [.. bytes[..(bytes.Length / 2)], (byte)(bytes[bytes.Length / 2] ^ 1), .. bytes[(bytes.Length / 2 + 1)..]]),
        ("cut", bytes => bytes[..(bytes.Length / 2)]),
        ("longer", bytes => [.. bytes, 0]),
        ("empty", _ => []),
    ];

    private string Refused(TemporaryFolder folder, string what)
    {
        try
        {
            _ml.FineTuning().LoadModel(folder.File("model.zip"), out _);
        }
        catch (InvalidDataException e)
        {
            CollectionAssert.AreEqual(new[] { folder.File("model.zip") }, Directory.GetFileSystemEntries(folder.Path));
            return e.Message;
        }
        Assert.Fail($"{what}: loaded");
        return "";
    }

    private byte[] SaveChain(string method)
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Tiny.Make(40));
        using var model = Tiny.Pipeline(_ml, Tiny.Options(method, epochs: 1)).Fit(data);
        using var stream = new MemoryStream();
        _ml.Model.Save(model, data.Schema, stream);
        return stream.ToArray();
    }
}
