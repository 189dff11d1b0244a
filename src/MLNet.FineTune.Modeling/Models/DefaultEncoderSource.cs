using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Encoders.Families;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Models;

/// <summary>The encoder that lies as resources in the assembly MLNet.FineTune.DefaultEncoder, which holds nothing else.</summary>
internal sealed class DefaultEncoderSource : EncoderSource
{
    private const string KindName = "default";
    private const string AssemblyName = "MLNet.FineTune.DefaultEncoder";
    private const string ConfigFile = "config.json";
    private const string WeightsFile = "model.safetensors";
    private static readonly string[] TokenizerFiles = ["vocab.txt", "tokenizer_config.json"];

    public override string Description => "default encoder";

    internal override string Kind => KindName;

    internal override string GetDirectory() => throw new InvalidOperationException($"The {Description} has no directory: its files are resources of the assembly {AssemblyName}.");

    internal override PretrainedEncoder Open(IEnumerable<string> texts)
    {
        Assembly assembly = Find();
        byte[] Bytes(string name)
        {
            using Stream stream = assembly.GetManifestResourceStream(name) ?? throw new InvalidDataException($"The assembly {AssemblyName} has no resource '{name}'; it is not the one of this version.");
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return content;
        }

        (EncoderFamily family, EncoderConfig config) = EncoderFamily.Read(JsonFile.ParseObject(Bytes(ConfigFile), ConfigFile), Description);
        TextTokenizer tokenizer = TextTokenizer.Load(TokenizerFiles.ToDictionary(name => name, Bytes), Description);
        PretrainedEncoder.CheckVocabulary(tokenizer, config, Description);
        return new PretrainedEncoder(family, config, tokenizer, SafetensorsFile.Parse(Bytes(WeightsFile), Description)) { Pooling = PoolingMode.Mean, Normalize = true };
    }

    private static Assembly Find()
    {
        try
        {
            return Assembly.Load(AssemblyName);
        }
        catch (FileNotFoundException e)
        {
            throw new FileNotFoundException($"The default encoder is in the assembly {AssemblyName}, which is not beside the application. The package MLNet.FineTune brings it; reference that, or name another encoder.", e);
        }
    }

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "A kind registers itself, so that adding one edits no list.")]
    internal static void Register() => EncoderSourceKinds.Register(KindName, _ => Default);

    private protected override void WriteTo(JsonObject json)
    {
        // There is one: its name says it all, and the digest that saved models keep says which version's.
    }
}
