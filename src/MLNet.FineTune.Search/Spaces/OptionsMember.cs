using System.Reflection;
using Microsoft.ML.SearchSpace;
using ChoiceAttribute = Microsoft.ML.SearchSpace.ChoiceAttribute;
using RangeAttribute = Microsoft.ML.SearchSpace.RangeAttribute;

namespace MLNet.FineTune.Search;

/// <summary>A property or field that can be set.</summary>
internal sealed record OptionsMember(MemberInfo Info)
{
    public string Name => Info.Name;

    public Type Type => Info is PropertyInfo property ? property.PropertyType : ((FieldInfo)Info).FieldType;

    public bool Nested => Find<NestOptionAttribute>() is not null;

    /// <summary>Those with one of the attributes.</summary>
    public static IEnumerable<OptionsMember> Of(Type type) => All(type)
        .Where(member => member.Nested || member.Find<RangeAttribute>() is not null || member.Find<ChoiceAttribute>() is not null || member.Find<BooleanChoiceAttribute>() is not null);

    public static OptionsMember? Named(Type type, string name) => All(type).FirstOrDefault(member => member.Name == name);

    /// <summary>All of a type.</summary>
    public static IEnumerable<OptionsMember> All(Type type) => type.GetMembers(BindingFlags.Instance | BindingFlags.Public)
        .Where(info => info is PropertyInfo { CanRead: true, CanWrite: true } property && property.GetIndexParameters().Length == 0 || info is FieldInfo { IsInitOnly: false })
        .Select(info => new OptionsMember(info));

    public T? Find<T>() where T : Attribute => Info.GetCustomAttribute<T>();

    public object? Get(object instance) => Info is PropertyInfo property ? property.GetValue(instance) : ((FieldInfo)Info).GetValue(instance);

    public void Set(object instance, object value)
    {
        if (Info is PropertyInfo property)
            property.SetValue(instance, value);
        else
            ((FieldInfo)Info).SetValue(instance, value);
    }
}
