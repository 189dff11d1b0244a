using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using MLNet.FineTune.OptionText;
using MLNet.FineTune.Peft;

namespace MLNet.FineTune.SelfTraining;

/// <summary>The methods there are, found by their <see cref="SelfTrainingMethodNameAttribute"/>; and their text form.</summary>
internal static class SelfTrainingMethods
{
    /// <summary>The assembly of methods that need fitted models; an application that uses this one alone may lack it.</summary>
    private const string UpperAssembly = "MLNet.FineTune";

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Converters = { new EncoderSourceConverter() } };

    private static readonly RecordFamily<TrainingOptions> Trainings = new("training", One<TrainingOptions>("training"), _ => "training", training => training.Validate(), JsonSerializerOptions.Default);

    private static readonly RecordFamily<ClozePrompt> Prompts = new("prompt", One<ClozePrompt>("prompt"), _ => "prompt", prompt => prompt.Validate(), Json);

    /// <summary>Types by name.</summary>
    public static IReadOnlyDictionary<string, Type> ByName { get; } = Assemblies().SelectMany(assembly => assembly.GetTypes())
        .Where(type => type.IsDefined(typeof(SelfTrainingMethodNameAttribute), inherit: false))
        .ToDictionary(NameOf);

    public static RecordFamily<SelfTrainingMethod> Family { get; } = new(
        "method", ByName, method => method.MethodName, method => method.Validate(), Json, union: null, MethodText.Family, Trainings, Prompts);

    public static string NameOf(Type type) => type.GetCustomAttribute<SelfTrainingMethodNameAttribute>()?.Name
        ?? throw new InvalidOperationException($"{type} carries no {nameof(SelfTrainingMethodNameAttribute)}.");

    private static Dictionary<string, Type> One<T>(string name) => new() { [name] = typeof(T) };

    private static IEnumerable<Assembly> Assemblies()
    {
        yield return typeof(SelfTrainingMethods).Assembly;
        Assembly? upper = null;
        try
        {
            upper = Assembly.Load(UpperAssembly);
        }
        catch (FileNotFoundException)
        {
        }
        if (upper is not null)
            yield return upper;
    }
}
