using MLNet.FineTune.Peft;

namespace MLNet.FineTune.Tests.Peft.Text;

[TestClass]
public sealed class MethodTextTests
{
    public static IEnumerable<object[]> Cases => MethodCases.All.Select(row => new object[] { row.Name });

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void WhatIsWrittenReadsAsTheSame(string name)
    {
        PeftMethod method = MethodCases.All.Single(row => row.Name == name).Create();
        string text = method.Format();

        PeftMethod back = PeftMethod.Parse(text);

        Assert.AreEqual(PeftMethods.ToJson(method).ToJsonString(), PeftMethods.ToJson(back).ToJsonString(), text);
        Assert.AreEqual(text, back.Format());
    }

    [TestMethod]
    [DataRow("lora", "lora")]
    [DataRow(" LoRA ( ) ", "lora")]
    [DataRow("lora(rank=16, targets=query|value)", "lora(rank=16, targets=query|value)")]
    [DataRow("lora(Rank=8,Alpha=0.25,rank_stabilized=TRUE)", "lora(alpha=0.25, rank_stabilized=true)")]
    [DataRow("lora(targets=attention)", "lora(targets=attention)")]
    [DataRow("lora(targets = feed-forward-in | Attention_Output)", "lora(targets=attention_output|feed_forward_in)")]
    [DataRow("lora(layers=[0, 2], bias=lora_only)", "lora(layers=[0, 2], bias=lora_only)")]
    [DataRow("lora(layers=null, layers2=[])", null)]
    [DataRow("lora(layers=[])", "lora(layers=[])")]
    [DataRow("lora(target-pattern=\".*\\\\.(query|\\\"value\\\")\")", "lora(target_pattern=\".*\\\\.(query|\\\"value\\\")\")")]
    [DataRow("lora(target_pattern=\"null\")", "lora(target_pattern=\"null\")")]
    [DataRow("lora(target_pattern=null)", "lora")]
    [DataRow("lora(target_pattern=nullable)", "lora(target_pattern=nullable)")]
    [DataRow("bottleneck(placement=parallel, size=64, scale=4)", "bottleneck(placement=parallel, size=64, scale=4)")]
    [DataRow("bottleneck(placement=serial-normalized,size=null)", "bottleneck")]
    [DataRow("bottleneck(DropLayers=1, random-drop-layers=2)", "bottleneck(random_drop_layers=2, drop_layers=1)")]
    [DataRow("bottleneck(size=64) | lora", "bottleneck(size=64) | lora")]
    [DataRow("union(parts=[bottleneck(size=64) | lora])", "bottleneck(size=64) | lora")]
    [DataRow("union(gated=true, parts=[lora, bottleneck])", "union(parts=[lora | bottleneck], gated=true)")]
    [DataRow("head | union(parts=[lora])", "head | union(parts=[lora])")]
    public void Texts(string text, string? expected)
    {
        if (expected is null)
            Assert.ThrowsExactly<FormatException>(() => PeftMethod.Parse(text));
        else
            Assert.AreEqual(expected, PeftMethod.Parse(text).Format());
    }

    [TestMethod]
    public void NumbersAreRead()
    {
        Assert.AreEqual(new Lora { Rank = 16, Alpha = 1e-3f, Dropout = 0.1f }, PeftMethod.Parse("lora(rank=16, alpha=1e-3, dropout=.1)"));
        Assert.AreEqual(0.1f, ((Lora)PeftMethod.Parse(new Lora { Dropout = 0.1f }.Format())).Dropout);
    }

    [TestMethod]
    [DataRow("", "position 1", "the end", "expected a name")]
    [DataRow("lor", "position 1", "'lor'", ", lora")]
    [DataRow("head | lorra(rank=2)", "position 8", "'lorra'", "lora")]
    [DataRow("lora(rnak=2)", "position 6", "'rnak'", "rank, alpha, dropout")]
    [DataRow("head(rank=2)", "position 6", "'rank'", "it has none")]
    [DataRow("lora(rank=two)", "position 11", "lora.rank is 'two'", "a whole number")]
    [DataRow("lora(rank=2.5)", "position 11", "lora.rank is '2.5'", "a whole number")]
    [DataRow("lora(rank=99999999999)", "position 11", "lora.rank is '99999999999'", "a whole number")]
    [DataRow("lora(alpha=1;5)", "position 12", "lora.alpha is '1;5'", "a number")]
    [DataRow("lora(rank=)", "position 11", "')'", "a whole number")]
    [DataRow("lora(rank 2)", "position 11", "'2' after lora.rank", "'='")]
    [DataRow("lora(rank=2, Rank=3)", "position 14", "lora.rank", "twice")]
    [DataRow("lora(rank=2", "position 12", "the end", "',' or ')'")]
    [DataRow("lora(rank=2))", "position 13", "')'", "'|' or the end")]
    [DataRow("lora(targets=query|elbow)", "position 14", "'query|elbow'", "query, key, value, attention_output")]
    [DataRow("lora(bias=some)", "position 11", "lora.bias is 'some'", "none, lora_only, all")]
    [DataRow("lora(rank_stabilized=1)", "position 22", "'1'", "true or false")]
    [DataRow("lora(layers=3)", "position 13", "'3' for lora.layers", "square brackets")]
    [DataRow("lora(layers=[3 4])", "position 14", "lora.layers is '3 4'", "a whole number")]
    [DataRow("lora(layers=[3", "position 15", "the end in lora.layers", "']'")]
    [DataRow("lora(target_pattern=\"a)", "position 21", "lora.target_pattern", "JSON")]
    [DataRow("lora(rank=0)", "position 1", "Lora.Rank is 0", "1 to 65536")]
    [DataRow("lora |", "position 7", "the end", "expected a name")]
    [DataRow("lora | full", "position 1", "'full'", "leave a base")]
    [DataRow("union(parts=[lora(rank=x)])", "position 24", "lora.rank is 'x'", "a whole number")]
    public void WhatIsWrongIsNamed(string text, params string[] parts)
    {
        string message = Assert.ThrowsExactly<FormatException>(() => PeftMethod.Parse(text)).Message;
        foreach (string part in parts)
            StringAssert.Contains(message, part);
    }

    [TestMethod]
    public void NestingHasAnEnd() => StringAssert.Contains(
        Assert.ThrowsExactly<FormatException>(() => PeftMethod.Parse(string.Concat(Enumerable.Repeat("union(parts=[", 5000)))).Message, "nested deeper");
}
