using BenchmarkDotNet.Attributes;
using MLNet.FineTune.Benchmarks.Throughput;
using MLNet.FineTune.Tokenization;
using static TorchSharp.torch;

namespace MLNet.FineTune.Benchmarks.Micro;

/// <summary>WordPiece over texts of 64 tokens.</summary>
public class TokenizerBenchmark
{
    private TextTokenizer _tokenizer = null!;
    private string[] _texts = [];
    private int _next;

    [GlobalSetup]
    public void Setup()
    {
        var encoder = new SyntheticEncoder(1, 32, 64, CPU);
        _tokenizer = encoder.CreateTokenizer();
        _texts = encoder.Texts(1024, 64, seed: 1);
    }

    [Benchmark]
    public int EncodeText() => _tokenizer.Encode(_texts[_next++ % _texts.Length], null, 64, Truncation.LongestFirst).Ids.Length;
}
