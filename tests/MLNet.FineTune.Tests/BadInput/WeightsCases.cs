using System.Buffers.Binary;
using System.IO.Compression;
using MLNet.FineTune.Tests.Checkpoints;
using MLNet.FineTune.Tests.Fixtures;
using TorchSharp;

namespace MLNet.FineTune.Tests.BadInput;

/// <summary>Weights that are damaged, foreign, of other tensors, or made to hurt.</summary>
internal static class WeightsCases
{
    private const string Word = "bert.embeddings.word_embeddings.weight";

    private static readonly Type Damaged = typeof(InvalidDataException);

    public static BadInputCase[] All { get; } =
    [
        new("weights are cut, as a download leaves them", Damaged, w => Shared(w, "truncated.safetensors"), EncoderDirectory.Weights, "truncated", "are missing", "from tensor"),
        new("weights are a git-lfs pointer, as a clone leaves them", Damaged, w => Shared(w, "git-lfs-pointer.safetensors"), EncoderDirectory.Weights, "git-lfs pointer", "git lfs pull"),
        Bytes("weights are empty", [], "empty"),
        Bytes("weights are a web page", "<html>Log in</html>"u8.ToArray(), "web page", "access token"),
        Bytes("weights are five bytes", [1, 2, 3, 4, 5], "truncated", "5 bytes"),
        Bytes("weights are a zip", Zip.Write(new Dictionary<string, byte[]> { ["archive/data.pkl"] = [1] }), "zip archive", "pytorch_model.bin"),
        Bytes("header is longer than the format allows", [.. BitConverter.GetBytes(long.MaxValue), 1, 2], $"{long.MaxValue}", "limit"),
        Bytes("header is longer than the file", [.. BitConverter.GetBytes(5000L), (byte)'{', (byte)'}'], "truncated", "header takes 5000 bytes"),
        Bytes("header is not JSON", SafetensorsBytes.Create("{\"a\": ", []), "not valid JSON"),
        Header("offsets overlap", "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}", 12, "tensor 'b'", "begins at 4", "ends at 8"),
        Header("offsets are negative", "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}", 8, "tensor 'a'", "data_offsets", "integers from 0"),
        Header("offsets are backwards", "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}", 8, "tensor 'a'", "[8, 0]"),
        Header("offsets are huge", "\"a\":{\"dtype\":\"F32\",\"shape\":[2305843009213693951],\"data_offsets\":[0,9223372036854775804]}", 8, "truncated", "tensor 'a'"),
        Header("shape is huge", "\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,8]}", 8, "tensor 'a'", "overflows"),
        Header("offsets leave a hole", "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}", 12, "tensor 'b'", "expected 4"),
        Header("shape and offsets disagree", "\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}", 8, "tensor 'a'", "has 8 bytes", "takes 12"),
        Header("bytes follow the last tensor", "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}", 9, "5 bytes follow"),
        Header("dtype is unknown", "\"a\":{\"dtype\":\"F37\",\"shape\":[1],\"data_offsets\":[0,4]}", 4, "tensor 'a'", "'F37'", "F32"),
        Tensors("a tensor is missing", tensors => tensors.Remove(Word), "1 missing", Word),
        Tensors("a tensor is unknown", tensors => tensors["bert.encoder.layer.9.attention.self.query.weight"] = torch.zeros(32, 32), "1 unknown", "layer.9.attention.self.query.weight"),
        Tensors("a tensor has another shape", tensors => tensors[Word] = torch.zeros(100, 32), Word, "[100, 32]"),
        Tensors("a tensor holds integers", tensors => tensors[Word] = tensors[Word].to(torch.ScalarType.Int64), Word, "Int64", "floating-point"),
        Tensors("a tensor holds NaN", tensors => tensors[Word] = tensors[Word] * float.NaN, Word, "not a number"),
        new("shards name a file outside of the directory", Damaged, w => Index(w, "../model.safetensors"), "model.safetensors.index.json", "../model.safetensors"),
        new("a shard is missing", typeof(FileNotFoundException), w => Index(w, "model-00001-of-00002.safetensors"), "model-00001-of-00002.safetensors"),
        new("PyTorch weights are a script", Damaged, w => PyTorch(w, "cposix\nsystem\n(X\u0005\0\0\0touchtR."u8.ToArray()), "pytorch_model.bin", "posix"),
        new("PyTorch weights are a pickle of something else", Damaged, w =>
        {
            EncoderDirectory.Write(w.Given("encoder"), (name, sound) => name == EncoderDirectory.Weights ? null : sound);
            File.WriteAllBytes(Path.Combine(w.Given("encoder"), "pytorch_model.bin"), [0x80, 2, 0x8a, 8, 0x6c]);
            EncoderCases.Fit(w, w.Given("encoder"));
        }, "pytorch_model.bin", "torch.save did not write"),
    ];

    private static BadInputCase Bytes(string name, byte[] content, params string[] says) =>
        new(name, Damaged, w => EncoderCases.FitWith(w, EncoderDirectory.Weights, content), [EncoderDirectory.Weights, .. says]);

    private static BadInputCase Header(string name, string tensors, int dataLength, params string[] says) =>
        Bytes(name, SafetensorsBytes.Create($"{{{tensors}}}", new byte[dataLength]), says);

    private static BadInputCase Tensors(string name, Action<Dictionary<string, torch.Tensor>> change, params string[] says) =>
        new(name, Damaged, w => EncoderCases.FitWith(w, EncoderDirectory.Weights, EncoderDirectory.WeightsWith(change)), [EncoderDirectory.Weights, .. says]);

    private static void Shared(Workplace w, string file) => EncoderCases.FitWith(w, EncoderDirectory.Weights, File.ReadAllBytes(SharedData.Require("fixtures", "corrupt", file)));

    private static void Index(Workplace w, string shard)
    {
        EncoderDirectory.Write(w.Given("encoder"), (name, sound) => name == EncoderDirectory.Weights ? null : sound);
        File.WriteAllText(Path.Combine(w.Given("encoder"), "model.safetensors.index.json"), $$"""{"metadata": {}, "weight_map": {"{{Word}}": "{{shard}}"} }""");
        EncoderCases.Fit(w, w.Given("encoder"));
    }

    private static void PyTorch(Workplace w, byte[] pickle)
    {
        EncoderDirectory.Write(w.Given("encoder"), (name, sound) => name == EncoderDirectory.Weights ? null : sound);
        using (ZipArchive zip = ZipFile.Open(Path.Combine(w.Given("encoder"), "pytorch_model.bin"), ZipArchiveMode.Create))
        using (Stream entry = zip.CreateEntry("archive/data.pkl", CompressionLevel.NoCompression).Open())
            entry.Write(pickle);
        EncoderCases.Fit(w, w.Given("encoder"));
    }
}
